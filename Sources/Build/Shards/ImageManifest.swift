import Files
import Foundation

/// An image set as it was when a computation in shards began: its order, identifiers and hashes, and the models that look at it.
///
/// A text file whose fields are separated by tabs and percent-encoded: `headatlas manifest` with a version, then `program`,
/// `base` (the folder of the atlas's description, which paths of models start from), `atlas` (the description's file name),
/// `features`, a line `model` with identifier and reference for each model, and `images` with their number, the SHA-256 of all
/// lines that follow, and the folder of the images. Then a line for each image: SHA-256, identifier, path, and for a member of an
/// archive its name and the first and the number of its bytes there.
package struct ImageManifest: Sendable {
  package struct Model: Sendable, Equatable {
    package let id: String
    /// As a `ModelReference` reads it.
    package let reference: String
  }

  package static let fileName = "manifest.tsv"
  private static let heading = "headatlas manifest"
  private static let version = "1"
  /// What stands in a field as it is.
  private static let plain = "-_.~/:@=+, "

  package let path: String
  let base: String
  /// The path of the atlas's description.
  package let atlas: String
  let features: KeptFeatures
  package let models: [Model]
  /// In their order; `images.hash` is that of all lines.
  let images: HashedImages

  /// The models asked for: the one named, or all.
  func models(named name: String?) throws(ShardError) -> [Model] {
    guard let name else { return models }
    guard let model = models.first(where: { $0.id == name }) else {
      throw .noModel(name, manifest: path, models: models.map(\.id))
    }
    return [model]
  }

  // MARK: Writing

  /// An image of a manifest that is being written.
  struct Image {
    let id: String
    let place: FilePlace
    let hash: String

    /// Of a member of an archive: its name, and the first and the number of its bytes; else nothing.
    fileprivate var member: [String] {
      guard let member = place.member, let range = place.range else { return [] }
      return [member, "\(range.lowerBound)", "\(range.count)"]
    }
  }

  /// The bytes of a manifest.
  static func text(
    base: String, atlas: String, features: KeptFeatures, models: [Model], images: [Image]
  ) -> String {
    let first = images.first.map { folder(of: $0.place.path) } ?? base
    let root = images.allSatisfy { $0.place.path.hasPrefix(first + "/") } ? first : ""
    let lines = images.map { image in
      let path = image.place.path
      return line([image.hash, image.id, root.isEmpty ? path : String(path.dropFirst(root.count + 1))] + image.member)
    }
    let digest = hexDigest(of: Array(lines.joined().utf8))
    let head =
      [[heading, version], ["program", headatlasVersion], ["base", base], ["atlas", atlas]]
      + [["features", features.rawValue]] + models.map { ["model", $0.id, $0.reference] }
      + [["images", "\(images.count)", digest, root]]
    return (head.map(line) + lines).joined()
  }

  private static func line(_ fields: [String]) -> String {
    fields.map { percentEncoded($0, keeping: plain) }.joined(separator: "\t") + "\n"
  }

  // MARK: Reading

  /// - Throws: `ShardError`, `FileError`.
  package init(_ path: String) throws {
    guard FileKind(of: path) != nil else { throw ShardError.noManifest(path: path) }
    let file = try FileMapping(path: path)
    var lines = ManifestLines(file)
    func header(_ name: String, _ count: Int) throws(ShardError) -> [String] {
      let number = lines.number
      guard let fields = lines.next(), fields.first == name, fields.count == count + 1 else {
        throw .manifest(path: path, line: number + 1, expected: "\(name) with \(count) fields")
      }
      return Array(fields.dropFirst())
    }
    let version = try header(Self.heading, 1)[0]
    let program = try header("program", 1)[0]
    guard version == Self.version, program == headatlasVersion else {
      throw ShardError.version(path: path, found: program)
    }
    let base = try header("base", 1)[0]
    let atlas = try header("atlas", 1)[0]
    let name = try header("features", 1)[0]
    guard let features = KeptFeatures(rawValue: name) else {
      throw ShardError.manifest(path: path, line: lines.number, expected: "fp32, fp16 or none")
    }
    var models: [Model] = []
    while let fields = lines.peek(), fields.first == "model" {
      let fields = try header("model", 2)
      models.append(Model(id: fields[0], reference: fields[1]))
    }
    let fields = try header("images", 3)
    guard let count = Int(fields[0]), count > 0 else {
      throw ShardError.manifest(path: path, line: lines.number, expected: "a number of images")
    }
    self.path = path
    self.base = base
    self.atlas = resolve(atlas, in: base)
    self.features = features
    self.models = models
    images = try lines.images(count, digest: fields[1], root: fields[2])
  }
}

/// The lines of a manifest, one after the other.
private struct ManifestLines {
  let file: FileMapping
  /// How many lines were read.
  private(set) var number = 0
  private var place = 0

  init(_ file: FileMapping) { self.file = file }

  /// The end of the line that begins at `start`; nil where it does not end.
  private func end(from start: Int) -> Int? {
    guard start < file.bytes.count, let base = file.bytes.baseAddress,
      let found = memchr(base + start, 10, file.bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  private static func decoded(_ bytes: some Sequence<UInt8>) -> String? {
    String(decoding: Array(bytes), as: UTF8.self).removingPercentEncoding
  }

  func peek() -> [String]? {
    var copy = self
    return copy.next()
  }

  /// The fields of the next line; nil at the end, and where they are no text.
  mutating func next() -> [String]? {
    guard let end = end(from: place) else { return nil }
    let fields = file.bytes[place..<end].split(separator: 9, omittingEmptySubsequences: false).map { Self.decoded($0) }
    guard fields.allSatisfy({ $0 != nil }) else { return nil }
    place = end + 1
    number += 1
    return fields.compactMap { $0 }
  }

  /// The images of all lines that are left; paths are read when they are asked for.
  ///
  /// - Throws: `ShardError.manifest`.
  mutating func images(_ count: Int, digest: String, root: String) throws(ShardError) -> HashedImages {
    let start = place
    var hashes: [SIMD4<UInt64>] = []
    var ends: [Int] = []
    while let end = end(from: place) {
      let hash = String(decoding: file.bytes[place..<min(place + 64, end)], as: UTF8.self)
      guard hash.utf8.count == 64, hash.utf8.allSatisfy(isHexadecimal), end > place + 64, file.bytes[place + 64] == 9
      else { throw .manifest(path: file.path, line: number + 1, expected: "a SHA-256, an identifier and a path") }
      hashes.append(words(ofHash: hash))
      ends.append(end)
      place = end + 1
      number += 1
    }
    let all = Hash(.sha256)
    all.add(UnsafeRawBufferPointer(rebasing: file.bytes[start...]))
    guard place == file.bytes.count, hashes.count == count, all.hexDigest() == digest else {
      throw .manifest(
        path: file.path, line: number + 1, expected: "\(count) images with the SHA-256 \(digest.prefix(16))…")
    }
    return HashedImages(hashes: hashes, hash: digest) { [file, ends] image in
      let line = file.bytes[(image > 0 ? ends[image - 1] + 1 : start)..<ends[image]]
      let fields = line.split(separator: 9, omittingEmptySubsequences: false).dropFirst(2).map {
        Self.decoded($0) ?? ""
      }
      let path = fields.first.map { root.isEmpty ? $0 : root + "/" + $0 } ?? ""
      guard fields.count == 4, let first = Int(fields[2]), let count = Int(fields[3]), first >= 0, count >= 0,
        case let (end, isTooLarge) = first.addingReportingOverflow(count), !isTooLarge
      else { return FilePlace(path) }
      return FilePlace(member: fields[1], of: path, range: first..<end)
    }
  }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
