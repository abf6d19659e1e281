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

/// The images that can be decoded, where others are to be skipped; all of them else.
///
/// Each is decoded for this alone, before work on any begins.
/// - Throws: `BuildError.unreadableImages` with all that cannot be read, where they are not to be skipped or none is left.
func readableImages(
  _ places: [FilePlace], _ unreadable: UnreadableImages, threads: Int, progress: any ProgressReporter
) throws -> [FilePlace] {
  var check = ImageCheck(cacheFolder: nil)
  let failures = try check.failures(
    of: places.map { ImageCheck.Subject(place: $0) }, stage: "checking images", threads: threads, progress: progress)
  try failures.settle(
    unreadable, isAll: failures.count == places.count, option: "give --skip-unreadable to go on without",
    progress: progress)
  let failed = Set(failures.map(\.place))
  return places.enumerated().filter { !failed.contains($0.offset) }.map(\.element)
}
