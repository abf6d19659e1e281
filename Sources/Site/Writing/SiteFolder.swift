import Files

/// The folder into which the site is written.
struct SiteFolder: Sendable {
  let root: String
  /// The site that this one will replace: a file that is the same there is shared with it.
  var former: String?

  /// Writes a file, and makes the folders above it.
  ///
  /// A link costs less than a new file, and most files of a site outlive most changes.
  /// - Returns: the number of its bytes.
  /// - Throws: `FileError`.
  @discardableResult
  func write(_ bytes: [UInt8], to file: Address) throws -> Int {
    let path = "\(root)/\(file.path)"
    try makeFolder(folder(of: path))
    if let former, shareFile("\(former)/\(file.path)", holding: bytes, with: path) { return bytes.count }
    try writeFile(bytes, to: path)
    return bytes.count
  }

  /// The bytes of a file that is written already.
  /// - Throws: `FileError`.
  func read(_ file: Address) throws -> [UInt8] { try readFile("\(root)/\(file.path)") }

  @discardableResult
  func write(_ text: String, to file: Address) throws -> Int { try write(Array(text.utf8), to: file) }
}
