import Foundation

/// What can go wrong between a configuration and a finished site, in facts; `description` words each on one line.
package enum PipelineError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case unwritable(path: String, reason: String)
  case notText(file: String, line: Int)
  case notYAML(file: String, line: Int, problem: String)
  case unknownKey(file: String, line: Int, key: String, place: String, nearest: String?)
  case missingKey(file: String, line: Int, key: String, place: String, expected: String)
  case wrongValue(file: String, line: Int, key: String, found: String, expected: String)
  case duplicate(file: String, line: Int, kind: String, id: String)
  case notFound(file: String, line: Int, kind: String, name: String, nearest: String?)
  case empty(path: String, expected: String)
  case picture(file: String, problem: String)
  /// The output folder holds something that HeadAtlas did not write.
  case foreignFolder(path: String)
  case busy(path: String)
  case interrupted
  /// A model that was named in a way that nothing answers to.
  case model(String, String)
  case plugin(id: String, model: String, problem: String)
  case usage(String)

  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason); check the path and the rights"
    case .unwritable(let path, let reason):
      "\(path): cannot be written: \(reason); check the path, the rights and the space on the disk"
    case .notText(let file, let line):
      "\(file):\(line): bytes that are not UTF-8, expected UTF-8 text; save the file as UTF-8"
    case .notYAML(let file, let line, let problem): "\(file):\(line): not YAML: \(problem)"
    case .unknownKey(let file, let line, let key, let place, let nearest):
      "\(file):\(line): unknown key \(shown(key)) in \(place)"
        + (nearest.map { ", did you mean \(shown($0))?" } ?? "; remove it")
    case .missingKey(let file, let line, let key, let place, let expected):
      "\(file):\(line): \(place) has no \(shown(key)), expected \(expected)"
    case .wrongValue(let file, let line, let key, let found, let expected):
      "\(file):\(line): \(key) is \(found), expected \(expected)"
    case .duplicate(let file, let line, let kind, let id):
      "\(file):\(line): \(kind) \(shown(id)) stands there twice; give one of them another identifier"
    case .notFound(let file, let line, let kind, let name, let nearest):
      "\(file):\(line): no \(kind) \(shown(name))" + (nearest.map { ", did you mean \(shown($0))?" } ?? "")
    case .empty(let path, let expected): "\(path): empty, expected \(expected)"
    case .picture(let file, let problem): "\(file): \(problem)"
    case .foreignFolder(let path):
      "\(path): not empty and not a site that headatlas wrote; choose another --output or remove the folder yourself"
    case .busy(let path): "\(path): another headatlas is building here; wait for it to end"
    case .interrupted: "interrupted; the old site is untouched and finished work is cached: run the command again"
    case .model(let name, let problem): "model \(shown(name)): \(problem)"
    case .plugin(let id, let model, let problem): "plugin \(id), model \(model): \(problem)"
    case .usage(let problem): problem
    }
  }
}

/// Text from a file in quotes, on one line and not too long.
func shown(_ text: String) -> String {
  let line = text.prefix(80).map { $0.isNewline ? " " : String($0) }.joined()
  return "\"\(line)\(text.count > 80 ? "…" : "")\""
}

/// The bytes of a file, or of what is written into a pipe until it ends.
func bytes(of file: String) throws -> Data {
  let url = URL(fileURLWithPath: file)
  do {
    switch kind(of: file) {
    case S_IFIFO: return try FileHandle(forReadingFrom: url).readToEnd() ?? Data()
    case S_IFREG, nil: return try Data(contentsOf: url)
    case S_IFDIR: throw PipelineError.unreadable(file: file, reason: "it is a folder, expected a file")
    default: throw PipelineError.unreadable(file: file, reason: "it is a device or a socket, expected a file or a pipe")
    }
  } catch let error as PipelineError {
    throw error
  } catch {
    throw PipelineError.unreadable(file: file, reason: systemReason(error))
  }
}

/// `S_IFREG` and so on; nil where nothing is there.
private func kind(of file: String) -> mode_t? {
  var status = stat()
  return stat(file, &status) == 0 ? status.st_mode & S_IFMT : nil
}

/// The text of a file, which must be UTF-8.
func text(of file: String) throws -> String {
  let data = try bytes(of: file)
  if let text = String(validating: data, as: UTF8.self) { return text }
  // The first line that does not stand alone as UTF-8.
  let lines = data.split(separator: 10, omittingEmptySubsequences: false)
  let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
  throw PipelineError.notText(file: file, line: line + 1)
}

/// What the system said, without Foundation's wrapping.
func systemReason(_ error: any Error) -> String {
  let cocoa = error as NSError
  let inner = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError ?? cocoa
  if inner.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(inner.code))) }
  return cocoa.code == CocoaError.fileReadNoSuchFile.rawValue ? "no such file" : "error \(cocoa.code)"
}
