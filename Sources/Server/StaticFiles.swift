import Files
import Foundation

/// The files of a finished site, by the path of a request.
package struct StaticFiles: Sendable {
  package enum Answer: Sendable, Equatable {
    /// - Parameter path: with all links followed.
    case file(path: String, type: String)
    /// Another spelling of a path: with the last slash of a folder, without which relative links would go astray.
    case moved(to: String)
    case nothing
  }
  private let root: String

  package init(_ folder: String) { root = folder }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "json": "application/json", "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "safetensors": "application/octet-stream",
  ]

  /// - Parameter path: percent-encoded, from the first slash on. Nothing outside the folder and nothing hidden is found,
  ///   whatever links lie in it.
  package func find(_ path: String) -> Answer {
    // The folder itself may be a link, and another one after the next build.
    guard path.hasPrefix("/"), let decoded = path.removingPercentEncoding, !decoded.contains("\0"),
      let root = realPath(root)
    else { return .nothing }
    let parts = decoded.split(separator: "/").map(String.init)
    guard parts.allSatisfy({ !$0.hasPrefix(".") }),
      let place = realPath(([root] + parts).joined(separator: "/")), isInside(place, root),
      let kind = FileKind(of: place)
    else { return .nothing }
    guard kind == .folder else {
      // A file is no folder, whatever the path says.
      guard kind == .file, !decoded.hasSuffix("/") else { return .nothing }
      return .file(
        path: place, type: Self.types[nameAndExtension(fileName(place)).suffix] ?? "application/octet-stream")
    }
    // Spelt anew: a browser takes what begins with two slashes, or with one and a backslash, for another host.
    let canonical = "/" + parts.map { percentEncoded($0, keeping: "-_.~") + "/" }.joined()
    guard decoded.hasSuffix("/"), !decoded.contains("//") else { return .moved(to: canonical) }
    guard let page = realPath(place + "/index.html"), isInside(page, root), FileKind(of: page) == .file else {
      return .nothing
    }
    return .file(path: page, type: Self.types["html"] ?? "")
  }
}
