import CCrypto

/// A hash function of libcrypto that takes bytes as they come.
///
/// A class, since libcrypto's state lies behind a pointer; not to be shared among threads.
package final class Hash {
  package enum Function: Sendable {
    case sha256
    /// For git's names of blobs alone; it is broken as a signature.
    case sha1
  }
  private let context: OpaquePointer

  package init(_ function: Function) {
    let algorithm = function == .sha256 ? EVP_sha256() : EVP_sha1()
    context = Self.made { EVP_DigestInit_ex($0, algorithm, nil) }
  }

  /// A state of libcrypto's.
  ///
  /// Where there is no memory for its few hundred bytes the program ends, as it does where Swift has none for an array.
  private static func made(_ fill: (OpaquePointer) -> Int32) -> OpaquePointer {
    guard let context = EVP_MD_CTX_new(), fill(context) == 1 else { fatalError("libcrypto has no memory for a hash") }
    return context
  }

  deinit { EVP_MD_CTX_free(context) }

  package func add(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    EVP_DigestUpdate(context, start, bytes.count)
  }

  package func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// The hash of all that was added so far, in hexadecimal.
  package func hexDigest() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    // libcrypto's own end can be asked for once only.
    let copy = Self.made { EVP_MD_CTX_copy_ex($0, context) }
    defer { EVP_MD_CTX_free(copy) }
    EVP_DigestFinal_ex(copy, &digest, &count)
    return digest.prefix(Int(count)).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}

/// SHA-256 in hexadecimal.
package func hexDigest(of bytes: some Collection<UInt8>) -> String {
  let hash = Hash(.sha256)
  if bytes.withContiguousStorageIfAvailable({ hash.add(UnsafeRawBufferPointer($0)) }) == nil {
    Array(bytes).withUnsafeBytes { hash.add($0) }
  }
  return hash.hexDigest()
}

/// The hash of a file's bytes from `start` on, in hexadecimal, read in pieces.
///
/// - Parameter prefix: hashed before them.
/// - Throws: `FileError`.
package func hexDigest(
  ofFile path: String, from start: Int = 0, by function: Hash.Function = .sha256, after prefix: String = ""
) throws(FileError) -> String {
  let hash = Hash(function)
  hash.add(prefix)
  try forEachPiece(ofFile: path, from: start) { hash.add($0) }
  return hash.hexDigest()
}

/// SHA-256 of texts, with a separator between them, as they come.
package struct JoinedDigest {
  private let separator: String
  private let hash = Hash(.sha256)
  private var isEmpty = true

  package init(separator: String) { self.separator = separator }

  package mutating func add(_ text: String) {
    if !isEmpty { hash.add(separator) }
    hash.add(text)
    isEmpty = false
  }

  /// Of all that was added so far.
  package var hexDigest: String { hash.hexDigest() }
}
