import Crypto
import Foundation

/// SHA-256 in hexadecimal.
func hexDigest(of bytes: some DataProtocol) -> String { hex(SHA256.hash(data: bytes)) }

/// SHA-256 of a file, in hexadecimal, read in pieces.
func hexDigest(ofFile path: String) throws -> String {
  guard let handle = FileHandle(forReadingAtPath: path) else {
    throw PipelineError.unreadable(file: path, reason: "no such file, or not yours to read")
  }
  defer { try? handle.close() }
  var hash = SHA256()
  do {
    while let piece = try handle.read(upToCount: 1 << 22), !piece.isEmpty { hash.update(data: piece) }
  } catch {
    throw PipelineError.unreadable(file: path, reason: systemReason(error))
  }
  return hex(hash.finalize())
}

private func hex(_ digest: SHA256.Digest) -> String {
  digest.map { byte in
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }.joined()
}
