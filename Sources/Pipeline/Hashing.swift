import Crypto
import Foundation

/// SHA-256 in hexadecimal.
func hexDigest(of bytes: some DataProtocol) -> String { hex(SHA256.hash(data: bytes)) }

/// SHA-256 of a file from one of its bytes on, in hexadecimal, read in pieces.
func hexDigest(ofFile path: String, from start: Int = 0) throws -> String {
  guard let handle = FileHandle(forReadingAtPath: path) else {
    throw PipelineError.unreadable(file: path, reason: "no such file, or not yours to read")
  }
  defer { try? handle.close() }
  var hash = SHA256()
  do {
    try handle.seek(toOffset: UInt64(start))
    while let piece = try handle.read(upToCount: 1 << 22), !piece.isEmpty { hash.update(data: piece) }
  } catch {
    throw PipelineError.unreadable(file: path, reason: systemReason(error))
  }
  return hex(hash.finalize())
}

/// SHA-256 of texts, each followed by the separator but for the last, as they come.
struct JoinedDigest {
  let separator: String
  private var hash = SHA256()
  private var isEmpty = true

  init(separator: String) { self.separator = separator }

  mutating func add(_ text: String) {
    if !isEmpty { hash.update(data: Array(separator.utf8)) }
    hash.update(data: Array(text.utf8))
    isEmpty = false
  }

  var hexDigest: String { hex(hash.finalize()) }
}

private func hex(_ digest: SHA256.Digest) -> String {
  digest.map { byte in
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }.joined()
}
