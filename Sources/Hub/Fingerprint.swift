import Files
import Foundation

/// What a hub names a file's content by, which is also what the cache calls it.
enum Fingerprint: Equatable, Sendable {
  /// sha256 of the content.
  case sha256(String)
  /// sha1 of "blob SIZE\0" and the content, as git has it.
  case gitBlob(String)

  /// From an ETag in any of its forms: `"x"`, `W/"x"`, `x`; nil where it is neither kind.
  init?(etag: String) {
    let bare = (etag.hasPrefix("W/") ? String(etag.dropFirst(2)) : etag).trimmingCharacters(in: ["\""])
    if isHexadecimal(bare, digits: 64) {
      self = .sha256(bare)
    } else if isHexadecimal(bare, digits: 40) {
      self = .gitBlob(bare)
    } else {
      return nil
    }
  }

  /// Hexadecimal, so that it is a safe file name.
  var text: String {
    switch self {
    case .sha256(let text), .gitBlob(let text): text
    }
  }

  /// - Throws: `HubError.wrongHash` where the file at `path` has another content, `FileError`.
  func check(_ path: String, size: Int, file: String) throws {
    let (kind, found) =
      switch self {
      case .sha256: ("sha256", try hexDigest(ofFile: path))
      case .gitBlob: ("git hash", try hexDigest(ofFile: path, by: .sha1, after: "blob \(size)\0"))
      }
    guard found == text else { throw HubError.wrongHash(file: file, kind: kind, found: found, expected: text) }
  }
}
