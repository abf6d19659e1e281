import Files
import Foundation

/// Images named on a command line: files as they are, and folders for the images in them, sorted by file name.
///
/// - Parameter remark: takes a line on what is left out of each folder.
/// - Throws: `FileError` where a path is nothing; `BuildError.noImages`, `.sameFileName`.
package func imagePaths(_ arguments: [String], remark: (String) -> Void = { _ in }) throws -> [String] {
  var files: [String] = []
  for path in arguments {
    guard let kind = FileKind(of: path) else {
      throw FileError.unreadable(path: path, reason: "no such file or folder")
    }
    guard kind == .folder else {
      files.append(path)
      continue
    }
    let folder = try ImageFolder(path)
    if let line = folder.remark { remark(line) }
    files += folder.names.map { path + "/" + $0 }
  }
  let sorted = files.sorted { (fileName($0), $0) < (fileName($1), $1) }
  for (first, second) in zip(sorted, sorted.dropFirst()) where fileName(first) == fileName(second) {
    throw BuildError.sameFileName(first: first, second: second)
  }
  return sorted
}
