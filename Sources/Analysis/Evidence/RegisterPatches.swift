import Attribution
import Tensors

/// Register patches: places on the patch grid where a map is large in most images of the gallery, whatever they show and whatever text is
/// asked about.
///
/// Vision transformers keep what an image is about as a whole in a few patches of little content, which then take much of the
/// attention (arXiv 2309.16588 tells such tokens by their outlying norm; in CLIP about ten neurons cause them, arXiv 2506.08010). Some heads look
/// at the same place in every image. A map does not say there where the text is seen. Maps are all that analyses see, so the measure here is made from them:
///
/// - The magnitude of a patch in an image is its |score| of one head, or of all heads summed, mean over `texts` lines of the pool, spread
///   evenly, the same for all images: so it is not about any text.
/// - A patch lights up in an image if it is among the `share` of its patches with the largest magnitudes (at least one patch) and has at
///   least `excess` times the mean magnitude.
/// - A register patch lights up in more than half of the images, of which there must be `leastImages`.
///
/// If the patches that light up had nothing to do with their place, a map of 7×7 to 16×16 patches would have one by chance in at most
/// 3 of 1,000 galleries of eight images (binomial, without the condition on the mean), and in fewer of any larger gallery. Outliers whose place
/// differs from image to image are not found.
public struct RegisterPatches: Sendable, Equatable {
  /// Of the patches of an image, how many may light up.
  public static let share = 0.05
  /// The least magnitude of a patch that lights up, in means over the image.
  public static let excess = 3.0
  /// Of fewer images nothing is said.
  public static let leastImages = 8
  /// How many lines of the pool are asked about at most.
  public static let texts = 8

  /// N, the gallery images that were looked at; 0 where they are too few, and nothing is known.
  public let images: Int
  /// Of all heads summed, ascending.
  public let summed: [Int]
  /// Of each head alone, ascending, `[L·H]`.
  public let heads: [[Int]]

  /// Of magnitudes that light up in some of `images` images.
  ///
  /// - Parameter counts: in how many images each patch lights up: of all heads summed, then of each head, `[1 + L·H, P]`.
  fileprivate init(counts: [[Int]], images: Int) {
    let places = counts.map { counts in counts.indices.filter { 2 * counts[$0] > images } }
    self.images = images
    summed = places.first ?? []
    heads = Array(places.dropFirst())
  }

  /// Nothing known of the heads of a tower.
  fileprivate init(unknown shape: TowerShape) {
    (images, summed, heads) = (0, [], [[Int]](repeating: [], count: shape.headCount))
  }

  /// The patches that light up in one image, ascending.
  ///
  /// - Parameter magnitudes: `[P]`, none negative.
  public static func lit(_ magnitudes: [Double]) -> [Int] {
    guard !magnitudes.isEmpty else { return [] }
    let least = excess * magnitudes.reduce(0, +) / Double(magnitudes.count)
    let most = max(1, Int(share * Double(magnitudes.count)))
    return indicesOfLargest(magnitudes, count: most).filter { magnitudes[$0] >= least && magnitudes[$0] > 0 }.sorted()
  }
}

extension ModelEvidence {
  /// The register patches of the model's maps.
  ///
  /// Every gallery image is asked about once, and what was found is remembered; see `RegisterPatches` for the measure.
  /// - Throws: what the patch scores throw.
  public func registerPatches() throws -> RegisterPatches {
    try memo.value("register patches") {
      let (images, texts) = (gallery.items.count, genericTexts)
      guard images >= RegisterPatches.leastImages, texts.rows > 0 else { return RegisterPatches(unknown: shape) }
      var counts = [[Int]](repeating: [Int](repeating: 0, count: shape.patches), count: 1 + shape.headCount)
      try stream(images) { image in
        RegisterPatches.magnitudes(try patches.scores(image: GalleryIndex(image), texts: texts), shape)
          .map(RegisterPatches.lit)
      } take: { _, lit in
        for (row, places) in lit.enumerated() { for place in places { counts[row][place] += 1 } }
      }
      return RegisterPatches(counts: counts, images: images)
    }
  }

  /// Lines of the pool, spread evenly over it, `[count, E]`.
  private var genericTexts: Tensor {
    let lines = pool.embeddings
    let count = min(RegisterPatches.texts, lines.rows)
    return Tensor(
      shape: [count, lines.rowCount], values: (0..<count).flatMap { lines.row($0 * lines.rows / max(count, 1)) })
  }
}

extension RegisterPatches {
  /// The mean over texts of |score|: of all heads summed, then of each head, `[1 + L·H, P]`.
  fileprivate static func magnitudes(_ scores: [PatchScores], _ shape: TowerShape) -> [[Double]] {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: shape.patches), count: 1 + shape.headCount)
    let scale = 1 / Double(max(scores.count, 1))
    func add(_ map: some Collection<Float>, to row: Int) {
      for (patch, value) in map.enumerated() { sums[row][patch] += Double(abs(value)) * scale }
    }
    for score in scores {
      add(score.sum(), to: 0)
      for head in 0..<shape.headCount { add(score.values.row(head), to: 1 + head) }
    }
    return sums
  }
}
