import Files
import Foundation

/// The files of a finished site, by the path of a request.
package struct StaticFiles: Sendable {
  package enum Answer: Sendable, Equatable {
    case file(path: String, type: String)
    /// A folder named without its last slash: relative links would go astray.
    case moved(to: String)
    case nothing
  }
  private let root: String

  package init(_ folder: String) throws {
    guard FileManager.default.fileExists(atPath: folder + "/index.html") else {
      throw FileError.unreadable(path: folder + "/index.html", reason: "no such file; build the site first")
    }
    root = folder
  }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "json": "application/json", "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "safetensors": "application/octet-stream",
  ]

  /// - Parameter path: percent-encoded, from the first slash on. Nothing outside the folder and nothing hidden is found.
  package func find(_ path: String) -> Answer {
    guard let decoded = path.removingPercentEncoding, !decoded.contains("\0") else { return .nothing }
    let parts = decoded.split(separator: "/")
    guard parts.allSatisfy({ !$0.hasPrefix(".") }) else { return .nothing }
    var file = ([root] + parts.map(String.init)).joined(separator: "/")
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else { return .nothing }
    if isFolder.boolValue {
      guard decoded.hasSuffix("/") else { return .moved(to: path + "/") }
      file += "/index.html"
      guard FileManager.default.fileExists(atPath: file) else { return .nothing }
    }
    let type = Self.types[nameAndExtension(fileName(file)).suffix] ?? "application/octet-stream"
    return .file(path: file, type: type)
  }
}
