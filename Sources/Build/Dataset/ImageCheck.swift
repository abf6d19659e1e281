import Files
import Foundation
import Images
import Parallel

/// Decodes images and the masks on them before any work, so that all that cannot be read are known at once.
///
/// Damage inside a file shows only when it is decoded. What could be decoded is remembered by the file's path, size and
/// time of change, and by the image's place in it, so that an image is decoded for this once.
struct ImageCheck {
  struct Subject: Sendable {
    let place: FilePlace
    /// Where it is named, in words; nil where nothing names it.
    var row: String?
    /// The masks on the image, each with the place of its object.
    var masks: [(object: Int, path: String)] = []

    fileprivate var rowPrefix: String { row.map { "\($0): " } ?? "" }
  }

  struct Failure: Sendable {
    /// Of the image.
    let place: Int
    /// Of the object whose mask it is; nil where it is the image itself.
    let object: Int?
    /// What is wrong, with the path, and with the row that names it.
    let words: String
    /// Nil for a mask.
    let reason: UnreadableReason?
  }

  /// Nil where nothing is remembered.
  private let file: String?
  private let known: Set<UInt64>
  private var readable: Set<UInt64> = []

  /// The file of the cache folder that holds what could be decoded.
  static let fileName = "readable-images"

  /// - Parameter cacheFolder: where what could be decoded is remembered; nil for nowhere.
  init(cacheFolder: String?) {
    file = cacheFolder.map { $0 + "/" + Self.fileName }
    let bytes = file.flatMap { try? readFile($0) } ?? []
    known = Set(
      stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
        bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
      })
  }

  /// The images that cannot be read and the masks that cannot be used, in order.
  mutating func failures(
    of images: [Subject], stage: String, threads: Int, progress: any ProgressReporter
  ) throws -> [Failure] {
    let keys = images.map(Self.key)
    let new = images.indices.filter { place in keys[place].map { !known.contains($0) } ?? true }
    var failures: [Failure] = []
    for start in stride(from: 0, to: new.count, by: 1024) {
      progress.report(stage: stage, done: start, total: new.count)
      let part = Array(new[start..<min(start + 1024, new.count)])
      failures += try inParallel(part.count, threads: threads) { index in
        try Interruption.shared.check()
        return Self.failures(of: images[part[index]], at: part[index])
      }.flatMap { $0 }
    }
    if !new.isEmpty { progress.report(stage: stage, done: new.count, total: new.count) }
    let failed = Set(failures.map(\.place))
    readable.formUnion(images.indices.lazy.filter { !failed.contains($0) }.compactMap { keys[$0] })
    return failures
  }

  private static func failures(of subject: Subject, at place: Int) -> [Failure] {
    let image: Image
    do {
      image = try readImage(at: subject.place)
    } catch {
      return [
        Failure(place: place, object: nil, words: subject.rowPrefix + "\(error)", reason: UnreadableReason(error))
      ]
    }
    return subject.masks.compactMap { object, path -> Failure? in
      do {
        try readMask(path: path).check(on: image, path: path, imagePath: "\(subject.place)")
        return nil
      } catch {
        return Failure(place: place, object: object, words: subject.rowPrefix + "\(error)", reason: nil)
      }
    }
  }

  /// Keeps what could be decoded; a folder that cannot be written costs time, not the build.
  func remember() {
    guard let file, readable != known else { return }
    let bytes = readable.sorted().flatMap { key in (0..<8).map { UInt8(truncatingIfNeeded: key >> (56 - 8 * $0)) } }
    try? FileManager.default.createDirectory(atPath: folder(of: file), withIntermediateDirectories: true)
    try? writeFile(bytes, to: file)
  }

  /// Of the files as they are now; nil where one is missing.
  private static func key(_ subject: Subject) -> UInt64? {
    let parts = ([subject.place.path] + subject.masks.map { $0.path }).compactMap(facts)
    guard parts.count == 1 + subject.masks.count else { return nil }
    let range = subject.place.range.map { ["\($0.lowerBound) \($0.count)"] } ?? []
    return UInt64(hexDigest(of: Array((parts + range).joined(separator: "\u{0}").utf8)).prefix(16), radix: 16)
  }

  private static func facts(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(path)\u{0}\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec) \(status.st_ino)"
  }
}

extension ImageSet {
  /// As they are checked, with the masks on them.
  var subjects: [ImageCheck.Subject] {
    images.indices.map { index in
      let image = images[index]
      return ImageCheck.Subject(
        place: image.place, row: row(of: index),
        masks: image.objects.enumerated().compactMap { place, object in object.mask.map { (place, $0) } })
    }
  }
}

extension AtlasConfiguration {
  /// The same with the images that can be decoded and the masks that fit alone, where others are to be skipped.
  ///
  /// - Throws: `BuildError.unreadableImages` where they are not to be skipped, or no image would be left.
  func withReadableImages(threads: Int, progress: any ProgressReporter) throws -> AtlasConfiguration {
    var check = ImageCheck(cacheFolder: cacheFolder)
    let failures = try imageFailures(&check, threads: threads, progress: progress)
    check.remember()
    let isAll =
      failures.gallery.unreadable.images == gallery.images.count
      || failures.probe.unreadable.images == probe.images.count
    try (failures.gallery + failures.probe).settle(
      unreadable, isAll: isAll, option: "write on_unreadable: skip in the atlas's description to build without",
      progress: progress)
    return without(gallery: failures.gallery, probe: failures.probe)
  }

  /// The images of both sets that cannot be decoded, and the masks that cannot be used.
  func imageFailures(
    _ check: inout ImageCheck, threads: Int, progress: any ProgressReporter
  ) throws -> (gallery: [ImageCheck.Failure], probe: [ImageCheck.Failure]) {
    (
      try check.failures(
        of: gallery.subjects, stage: "checking gallery images", threads: threads, progress: progress),
      try check.failures(of: probe.subjects, stage: "checking probe images", threads: threads, progress: progress)
    )
  }

  /// What the image sets hold besides images that are used, a line each.
  var imageRemarks: [String] {
    let lines = [gallery, probe].compactMap(\.remark)
    return lines.first == lines.last ? Array(lines.prefix(1)) : lines
  }
}
