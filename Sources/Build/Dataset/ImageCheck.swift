import Files
import Foundation
import Images
import Parallel

/// What a build does about images that cannot be read.
package enum UnreadableImages: String, Sendable, CaseIterable {
  /// It names all of them and ends.
  case stop
  /// It says which they are and goes on without.
  case skip
}

/// Why an image cannot be read, for counts.
enum UnreadableReason: Hashable, Sendable {
  case file, empty, damaged, other(OtherFormat), unknownFormat, tooLarge

  init(_ error: any Error) {
    switch error as? ImageError {
    case .empty: self = .empty
    case .damaged, .notEncoded: self = .damaged
    case .unread(_, let format): self = .other(format)
    case .unknownFormat: self = .unknownFormat
    case .tooLarge: self = .tooLarge
    case nil: self = .file
    }
  }

  /// How many there are of each reason: `2 damaged, 1 empty`.
  static func list(_ reasons: [UnreadableReason]) -> String {
    Dictionary(grouping: reasons) { $0 }.map { reason, all in (reason.order, reason.words(all.count)) }
      .sorted { $0 < $1 }.map(\.1).joined(separator: ", ")
  }

  private var order: Int {
    switch self {
    case .file: 0
    case .empty: 1
    case .damaged: 2
    case .other: 3
    case .unknownFormat: 4
    case .tooLarge: 5
    }
  }

  private func words(_ count: Int) -> String {
    switch self {
    case .file: "\(count) without a file that can be read"
    case .empty: "\(count) empty"
    case .damaged: "\(count) damaged"
    case .other(let format): counted(count, format.noun)
    case .unknownFormat: "\(count) of an unknown format"
    case .tooLarge: "\(count) too large"
    }
  }
}

/// Decodes images before any work on them, so that all that cannot be read are known at once.
///
/// Damage inside a file shows only when it is decoded. What could be decoded is remembered by the file's path, size and
/// time of change, and by the image's place in it, so that an image is decoded for this once.
struct ImageCheck {
  struct Failure: Sendable {
    let place: Int
    /// What is wrong, with the path, and with the row that names it.
    let words: String
    let reason: UnreadableReason
  }

  private let file: String
  private let known: Set<UInt64>
  private var readable: Set<UInt64> = []

  /// The file of the cache folder that holds what could be decoded.
  static let fileName = "readable-images"

  /// - Parameter cacheFolder: where what could be decoded is remembered.
  init(cacheFolder: String) {
    file = cacheFolder + "/" + Self.fileName
    let bytes = (try? readFile(file)) ?? []
    known = Set(
      stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
        bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
      })
  }

  /// The images that cannot be read, in order.
  mutating func failures(
    in set: ImageSet, stage: String, threads: Int, progress: any ProgressReporter
  ) throws -> [Failure] {
    let images = set.images
    let keys = images.map { Self.key($0.place) }
    let new = images.indices.filter { place in keys[place].map { !known.contains($0) } ?? true }
    var failures: [Failure] = []
    for start in stride(from: 0, to: new.count, by: 1024) {
      progress.report(stage: stage, done: start, total: new.count)
      let part = Array(new[start..<min(start + 1024, new.count)])
      failures += try inParallel(part.count, threads: threads) { index -> Failure? in
        try Interruption.shared.check()
        let place = part[index]
        do {
          _ = try readImage(at: images[place].place)
          return nil
        } catch {
          let row = set.row(of: place).map { "\($0): " } ?? ""
          return Failure(place: place, words: "\(row)\(error)", reason: UnreadableReason(error))
        }
      }.compactMap { $0 }
    }
    if !new.isEmpty { progress.report(stage: stage, done: new.count, total: new.count) }
    let failed = Set(failures.map(\.place))
    readable.formUnion(images.indices.lazy.filter { !failed.contains($0) }.compactMap { keys[$0] })
    return failures
  }

  /// Keeps what could be decoded; a folder that cannot be written costs time, not the build.
  func remember() {
    guard readable != known else { return }
    let bytes = readable.sorted().flatMap { key in (0..<8).map { UInt8(truncatingIfNeeded: key >> (56 - 8 * $0)) } }
    try? FileManager.default.createDirectory(atPath: folder(of: file), withIntermediateDirectories: true)
    try? writeFile(bytes, to: file)
  }

  /// Of an image whose file is as it is now; nil where there is none.
  private static func key(_ place: FilePlace) -> UInt64? {
    let path = place.path
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let part = place.range.map { " \($0.lowerBound) \($0.count)" } ?? ""
    let facts =
      "\(path)\u{0}\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec) \(status.st_ino)" + part
    return UInt64(hexDigest(of: Array(facts.utf8)).prefix(16), radix: 16)
  }
}

extension AtlasConfiguration {
  /// Lines in which images that cannot be read are named; of more, only the number is given.
  static let mostNamed = 20

  /// The same with the images that can be decoded alone, where those that cannot are to be skipped.
  ///
  /// - Throws: `BuildError.unreadableImages` where they are not to be skipped, or none would be left.
  func withReadableImages(threads: Int, progress: any ProgressReporter) throws -> AtlasConfiguration {
    var check = ImageCheck(cacheFolder: cacheFolder)
    let failures = try imageFailures(&check, threads: threads, progress: progress)
    check.remember()
    let all = failures.gallery + failures.probe
    let words = all.map(\.words)
    guard !words.isEmpty else { return self }
    let isEmpty = failures.gallery.count == gallery.images.count || failures.probe.count == probe.images.count
    guard unreadable == .skip, !isEmpty else {
      throw BuildError.unreadableImages(Array(words.prefix(Self.mostNamed)), count: words.count)
    }
    for line in words.prefix(Self.mostNamed) { progress.remark("left out: \(line)") }
    progress.remark(
      "\(counted(words.count, "image")) left out because they cannot be read: \(UnreadableReason.list(all.map(\.reason)))"
    )
    return without(gallery: Set(failures.gallery.map(\.place)), probe: Set(failures.probe.map(\.place)))
  }

  /// The images of both sets that cannot be decoded.
  func imageFailures(
    _ check: inout ImageCheck, threads: Int, progress: any ProgressReporter
  ) throws -> (gallery: [ImageCheck.Failure], probe: [ImageCheck.Failure]) {
    (
      try check.failures(in: gallery, stage: "checking gallery images", threads: threads, progress: progress),
      try check.failures(in: probe, stage: "checking probe images", threads: threads, progress: progress)
    )
  }

  /// What the image sets hold besides images that are used, a line each.
  var imageRemarks: [String] {
    let lines = [gallery, probe].compactMap(\.remark)
    return lines.first == lines.last ? Array(lines.prefix(1)) : lines
  }
}
