import Diagnostics
import Files
import Foundation

/// What can go wrong between a configuration and a finished site, in facts; `description` words each on one line.
package enum BuildError: Error, Equatable, CustomStringConvertible {
  case notYAML(file: String, line: Int, problem: String)
  case unknownKey(file: String, line: Int, key: String, place: String, nearest: String?)
  case missingKey(file: String, line: Int, key: String, place: String, expected: String)
  case wrongValue(file: String, line: Int, key: String, found: String, expected: String)
  case duplicate(file: String, line: Int, kind: String, id: String)
  case notFound(file: String, line: Int, kind: String, name: String, nearest: String?)
  case empty(path: String, expected: String)
  case image(file: String, problem: String)
  /// The output folder holds something that HeadAtlas did not write.
  case foreignFolder(path: String)
  case busy(path: String)
  case interrupted
  /// A model that was named in a way that nothing answers to.
  case model(String, String)
  case plugin(id: String, model: String?, problem: String)
  case usage(String)

  package var description: String {
    switch self {
    case .notYAML(let file, let line, let problem): "\(file):\(line): not YAML: \(problem)"
    case .unknownKey(let file, let line, let key, let place, let nearest):
      "\(file):\(line): unknown key \(quoted(key)) in \(place)"
        + (nearest.map { ", did you mean \(quoted($0))?" } ?? "; remove it")
    case .missingKey(let file, let line, let key, let place, let expected):
      "\(file):\(line): \(place) has no \(quoted(key)), expected \(expected)"
    case .wrongValue(let file, let line, let key, let found, let expected):
      "\(file):\(line): \(key) is \(found), expected \(expected)"
    case .duplicate(let file, let line, let kind, let id):
      "\(file):\(line): \(kind) \(quoted(id)) stands there twice; give one of them another identifier"
    case .notFound(let file, let line, let kind, let name, let nearest):
      "\(file):\(line): no \(kind) \(quoted(name))" + (nearest.map { ", did you mean \(quoted($0))?" } ?? "")
    case .empty(let path, let expected): "\(path): empty, expected \(expected)"
    case .image(let file, let problem): "\(file): \(problem)"
    case .foreignFolder(let path):
      "\(path): not empty and not a site that headatlas wrote; choose another --output or remove the folder yourself"
    case .busy(let path): "\(path): another headatlas is building here; wait for it to end"
    case .interrupted: "interrupted; the old site is untouched and finished work is cached: run the command again"
    case .model(let name, let problem): "model \(quoted(name)): \(problem)"
    case .plugin(let id, let model, let problem):
      "plugin \(id)" + (model.map { ", model \($0)" } ?? "") + ": \(problem)"
    case .usage(let problem): problem
    }
  }
}
