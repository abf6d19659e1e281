import Files
import Foundation
import Images

/// An image that is named on a command line, or is in a set that is.
package struct ImageArgument: Sendable {
  package let place: FilePlace
  /// Tells rows apart: the file's name, or its path in a set.
  package let name: String
}

/// Images named on a command line: files as they are, and sets of them in any of the forms that an atlas's may have.
///
/// Files and the images of folders come first, sorted by file name; then those of other sets, each in its own order.
///
/// - Parameter remark: takes a line on what is left out of each set.
/// - Throws: `FileError` where a path is nothing; `TarError`; `InputProblems`; `BuildError.noImages`, `.sameFileName`.
package func imageArguments(_ arguments: [String], remark: (String) -> Void = { _ in }) throws -> [ImageArgument] {
  var (files, others): ([ImageArgument], [ImageArgument]) = ([], [])
  for path in arguments {
    guard let set = try imageSet(named: path) else {
      files.append(ImageArgument(place: FilePlace(path), name: fileName(path)))
      continue
    }
    if let line = set.remark { remark(line) }
    let images = set.images.map { ImageArgument(place: $0.place, name: set.name(of: $0)) }
    if set.form == .folder { files += images } else { others += images }
  }
  let all = files.sorted { ($0.name, "\($0.place)") < ($1.name, "\($1.place)") } + others
  var known: [String: FilePlace] = [:]
  for image in all {
    if let first = known.updateValue(image.place, forKey: image.name) {
      throw BuildError.sameFileName(first: "\(first)", second: "\(image.place)")
    }
  }
  return all
}

/// The set that a path or a pattern names; nil for a file that is an image, or is named as one.
private func imageSet(named path: String) throws -> ImageSet? {
  switch FileKind(of: path) {
  case .folder: return try ImageSet(images: path)
  case .file:
    let start = try readStart(of: path, count: FileContent.sample)
    switch ImageFolder.Reason(path, start: start) {
    case .unknown, .other(.json): return try ImageSet(images: path)
    // Reading it says what is wrong with it.
    default: return nil
    }
  case .pipe, .device, .link: return nil
  case nil:
    let paths = bracesExpanded(path) ?? []
    guard paths.count > 1 else { throw FileError.unreadable(path: path, reason: "no such file or folder") }
    return try ImageSet(images: paths, named: path, ImageSetOptions())
  }
}

/// The images that can be decoded, where others are to be skipped; all of them else.
///
/// Each is decoded for this alone, before work on any begins.
/// - Throws: `BuildError.unreadableImages` with all that cannot be read, where they are not to be skipped or none is left.
func readableImages(
  _ images: [ImageArgument], _ unreadable: UnreadableImages, threads: Int, progress: any ProgressReporter
) throws -> [ImageArgument] {
  var check = ImageCheck(cacheFolder: nil)
  let failures = try check.failures(
    of: images.map { ImageCheck.Subject(place: $0.place) }, stage: "checking images", threads: threads,
    progress: progress)
  try failures.settle(
    unreadable, isAll: failures.count == images.count, option: "give --skip-unreadable to go on without",
    progress: progress)
  let failed = Set(failures.map(\.place))
  return images.enumerated().filter { !failed.contains($0.offset) }.map(\.element)
}
