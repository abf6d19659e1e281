import Files
import Foundation

/// Images named on a command line: files as they are, and folders for the images in them, sorted by file name.
///
/// - Throws: `FileError` where a path is nothing; `BuildError.noImages`, `.sameName`, `.sameFileName`.
package func imagePaths(_ arguments: [String]) throws -> [String] {
  var files: [String] = []
  for path in arguments {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError.unreadable(path: path, reason: "no such file or folder")
    }
    files += isFolder.boolValue ? try ImageSet(folder: path).images.map(\.path) : [path]
  }
  let sorted = files.sorted { (fileName($0), $0) < (fileName($1), $1) }
  for (first, second) in zip(sorted, sorted.dropFirst()) where fileName(first) == fileName(second) {
    throw BuildError.sameFileName(first: first, second: second)
  }
  return sorted
}
