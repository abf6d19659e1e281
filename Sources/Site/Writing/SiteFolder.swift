import Files

/// The folder into which the site is written.
struct SiteFolder: Sendable {
  let root: String

  /// Writes a file, and makes the folders above it.
  /// - Returns: the number of its bytes.
  /// - Throws: `FileError`.
  @discardableResult
  func write(_ bytes: [UInt8], to file: Address) throws -> Int {
    let path = "\(root)/\(file.path)"
    try makeFolder(folder(of: path))
    try writeFile(bytes, to: path)
    return bytes.count
  }

  @discardableResult
  func write(_ text: String, to file: Address) throws -> Int { try write(Array(text.utf8), to: file) }
}
