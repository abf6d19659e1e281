import Foundation

/// The folder that the site is written into.
struct SiteFolder: Sendable {
  let root: String

  /// Writes a file and the folders it needs.
  /// - Returns: how many bytes it has.
  @discardableResult
  func write(_ bytes: [UInt8], to file: Address) throws -> Int {
    let path = "\(root)/\(file.path)"
    do {
      let url = URL(fileURLWithPath: path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    } catch {
      throw SiteError.unwritable(path: path, detail: reason(error))
    }
    return bytes.count
  }

  @discardableResult
  func write(_ text: String, to file: Address) throws -> Int { try write(Array(text.utf8), to: file) }
}

/// The bytes of a file.
/// - Throws: `SiteError.unreadable`.
func readFile(_ path: String) throws -> [UInt8] {
  do {
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw SiteError.unreadable(path: path, detail: reason(error))
  }
}

/// What the system said, without Foundation's wrapping.
private func reason(_ error: any Error) -> String {
  let cocoa = error as NSError
  let inner = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError ?? cocoa
  return inner.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(inner.code))) : "\(error)"
}

/// The names in a folder, sorted; empty where there is no such folder.
func fileNames(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
