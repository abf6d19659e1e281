import Foundation

/// Pictures named on a command line: files as they are, and folders for the pictures in them, sorted by file name.
///
/// - Throws: `PipelineError` where a path is nothing, a folder has no pictures, or two files have one name.
package func picturePaths(_ arguments: [String]) throws -> [String] {
  var files: [String] = []
  for path in arguments {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw PipelineError.unreadable(file: path, reason: "no such file or folder")
    }
    files += isFolder.boolValue ? try PictureSet(folder: path, captions: nil).pictures.map(\.path) : [path]
  }
  let sorted = files.sorted { (fileName($0), $0) < (fileName($1), $1) }
  for (first, second) in zip(sorted, sorted.dropFirst()) where fileName(first) == fileName(second) {
    throw PipelineError.usage(
      "\(second): another picture of that name is given, \(first); rows are told apart by file names")
  }
  return sorted
}

func fileName(_ path: String) -> String { (path as NSString).lastPathComponent }

/// Writes a file beside its place and renames it in.
func writeAtomically(_ text: String, to path: String) throws {
  do {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw PipelineError.unwritable(path: path, reason: systemReason(error))
  }
}
