import Foundation

/// What the system says of files without reading them: size, number, and the times of their last changes.
///
/// As long as stamps are equal, so is what the files hold, but for a file that is changed while it is stamped: the stamp of
/// one changed after some moment says so by `isOlder(than:)`.
package struct StampDigest {
  private var hash = JoinedDigest(separator: "\n")
  /// The latest change of any of the files.
  private var latest = timespec()

  package init() {}

  /// Takes in texts, each with its length: no two lists of texts are taken for one another.
  package mutating func add(_ texts: String...) {
    for text in texts { hash.add("\(text.utf8.count) \(text)") }
  }

  /// Takes in all that others are of.
  package mutating func add(_ others: StampDigest) {
    hash.add(others.digest)
    noteChange(others.latest)
  }

  /// Takes in a file or a folder, without what is in it; links are followed.
  ///
  /// That nothing is there is a fact like any other.
  package mutating func add(file path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return hash.add("\(path) missing") }
    let (changed, modified) = (status.st_ctim, status.st_mtim)
    hash.add(
      "\(path) \(status.st_mode) \(status.st_dev) \(status.st_ino) \(status.st_size) "
        + "\(modified.tv_sec).\(modified.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)")
    noteChange(changed)
  }

  /// Takes in the file at a place, and which part of it is meant.
  package mutating func add(file place: FilePlace) {
    add(file: place.path)
    if let range = place.range { hash.add("\(place) \(range)") }
  }

  private mutating func noteChange(_ time: timespec) {
    if (time.tv_sec, time.tv_nsec) > (latest.tv_sec, latest.tv_nsec) { latest = time }
  }

  /// Takes in all files in a folder and in the folders in it.
  package mutating func add(allIn folder: String) {
    add(file: folder)
    // A folder may hold a link to itself: links to folders are not followed.
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder).sorted()) ?? [] {
      add(file: "\(folder)/\(name)")
    }
  }

  /// Takes in all files of a folder, without its folders.
  package mutating func add(filesIn folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] {
      let path = "\(folder)/\(name)"
      if FileKind(of: path) == .file { add(file: path) }
    }
  }

  /// Whether all files were last changed before `time`, in seconds since 1970.
  package func isOlder(than time: Double) -> Bool {
    // The system's clock of files ticks every few milliseconds.
    Double(latest.tv_sec) + Double(latest.tv_nsec) / 1e9 < time - 0.05
  }

  /// Of all that was taken in so far, in hexadecimal.
  package var digest: String { hash.hexDigest }
}
