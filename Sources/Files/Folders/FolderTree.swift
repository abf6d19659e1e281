/// The files in a folder and in the folders in it, by their paths from it.
///
/// Links are files here: none is followed.
package struct FolderTree: Sendable {
  /// In ascending order.
  package let files: [String]
  /// Paths whose last name is not UTF-8, with that name as a shell takes it, `pages/$'caf\xe9.md'`, in ascending order.
  ///
  /// What is below them is left out.
  package let undecodable: [String]

  /// - Parameter skipsHidden: leave out what is in folders whose names begin with a dot.
  /// - Throws: `FileError`.
  package init(of root: String, skipsHidden: Bool = false) throws(FileError) {
    var (files, undecodable, folders) = ([String](), [String](), [""])
    while let prefix = folders.popLast() {
      let found = try FolderNames(of: prefix.isEmpty ? root : "\(root)/\(prefix)")
      for name in found.names {
        if FileKind(of: "\(root)/\(prefix)\(name)", followsLinks: false) != .folder {
          files.append(prefix + name)
        } else if !skipsHidden || !name.hasPrefix(".") {
          folders.append("\(prefix)\(name)/")
        }
      }
      undecodable += found.undecodable.map { prefix + $0 }
    }
    self.files = files.sorted()
    self.undecodable = undecodable.sorted()
  }
}
