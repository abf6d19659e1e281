import CLIP
import Files

/// Cuts 0 ..< `count` into runs whose ends are chosen by what stands there.
///
/// A run ends where its weight reaches `most`, or, once it has reached `least`, at the first member whose mark is a multiple of
/// `spread`. So where one member is changed, added or taken away, the runs around it change and all others stay what they
/// were, which no cut at fixed places gives.
/// - Parameter spread: about how many members a run goes on for after it has reached `least`.
package func contentCuts(
  _ count: Int, least: Int, most: Int, spread: Int, weight: (Int) -> Int = { _ in 1 }, mark: (Int) -> UInt64
) -> [Range<Int>] {
  var runs: [Range<Int>] = []
  var (start, sum) = (0, 0)
  for place in 0..<count {
    sum += weight(place)
    let isEnd = sum >= most || (sum >= least && mark(place) % UInt64(max(2, spread)) == 0)
    guard isEnd || place == count - 1 else { continue }
    runs.append(start..<place + 1)
    (start, sum) = (place + 1, 0)
  }
  return runs
}

/// The batches that texts are encoded in, of about as many tokens as keep the products near their peak.
///
/// The number of a text's tokens is guessed from that of its bytes, so that texts whose embeddings are kept need not be
/// tokenised.
func textBatches(_ texts: [String]) -> [Range<Int>] {
  contentCuts(
    texts.count, least: 640, most: 1536, spread: 40, weight: { min(77, 2 + texts[$0].utf8.count / 5) },
    mark: { scattered(texts[$0]) })
}

/// A number that differs in all its bits between texts that differ in one: FNV-1a, folded.
private func scattered(_ text: String) -> UInt64 {
  let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  return hash >> 32 ^ hash & 0xffff_ffff
}

/// Images that run through a model's tower together.
struct ImageBatch: Sendable {
  let rows: Range<Int>
  /// Of the bytes of its images, in their order.
  let hash: String
}

/// Images whose features share a file of the cache: an interrupted build loses at most so many.
struct ImageShard: Sendable {
  let batches: [ImageBatch]
  /// Of its batches.
  let hash: String

  var rows: Range<Int> { (batches.first?.rows.lowerBound ?? 0)..<(batches.last?.rows.upperBound ?? 0) }

  /// A shard is full with so many images.
  static let size = 1024
}

/// Images with the hashes of their bytes.
struct HashedImages: Sendable {
  let places: [FilePlace]
  /// SHA-256, in four words.
  private let hashes: [SIMD4<UInt64>]
  /// Of the whole set, names included.
  let hash: String

  /// - Parameters:
  ///   - images: their places, and the names that the set's hash takes in.
  ///   - hash: SHA-256 of the image at a place, in hexadecimal.
  init(_ images: [(place: FilePlace, name: String)], hash imageHash: (Int) throws -> String) rethrows {
    places = images.map(\.place)
    var whole = JoinedDigest(separator: "\n")
    hashes = try images.indices.map { place in
      let hash = try imageHash(place)
      whole.add("\(images[place].name) \(hash)")
      return words(ofHash: hash)
    }
    hash = whole.hexDigest
  }

  init(_ set: ImageSet, hash: (Int) throws -> String) rethrows {
    try self.init(set.images.map { ($0.place, $0.id) }, hash: hash)
  }

  var count: Int { places.count }

  /// SHA-256 of an image's bytes, in hexadecimal.
  func hash(of image: Int) -> String { text(ofHash: hashes[image]) }

  /// The batches of all images, in shards.
  ///
  /// - Parameter sizes: the least and the most images of a batch.
  func shards(_ sizes: ClosedRange<Int>) -> [ImageShard] {
    let spread = (sizes.upperBound - sizes.lowerBound) * 2 / 3
    let runs = contentCuts(count, least: sizes.lowerBound, most: sizes.upperBound, spread: spread) { hashes[$0][0] }
    var shards: [ImageShard] = []
    var (batches, images) = ([ImageBatch](), 0)
    for run in runs {
      var digest = JoinedDigest(separator: "\n")
      for image in run { digest.add(hash(of: image)) }
      batches.append(ImageBatch(rows: run, hash: digest.hexDigest))
      images += run.count
      guard images >= ImageShard.size || run.upperBound == count else { continue }
      shards.append(ImageShard(batches: batches, hash: joinedDigest(batches.map(\.hash))))
      (batches, images) = ([], 0)
    }
    return shards
  }
}

extension CLIPModel {
  /// The shards and batches of some images, which depend on their bytes and their order alone.
  func shards(of images: HashedImages) -> [ImageShard] { images.shards(batchSizes(of: images.count)) }
}

/// SHA-256 of texts, a line each.
func joinedDigest(_ texts: some Sequence<String>) -> String {
  var digest = JoinedDigest(separator: "\n")
  for text in texts { digest.add(text) }
  return digest.hexDigest
}

private func words(ofHash hash: String) -> SIMD4<UInt64> {
  var words = SIMD4<UInt64>()
  for (place, digit) in hash.utf8.prefix(64).enumerated() {
    let value = UInt64(digit >= 97 ? digit &- 87 : digit &- 48)
    words[place / 16] = words[place / 16] << 4 | value
  }
  return words
}

private func text(ofHash words: SIMD4<UInt64>) -> String {
  (0..<4).map { word in
    let text = String(words[word], radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }.joined()
}
