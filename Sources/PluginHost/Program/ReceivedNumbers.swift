import Analysis
import Attribution
import Checkpoints
import Tensors

/// What was computed for a plugin, read from the files that it was given.
struct ReceivedNumbers: DeferredEvidence, PatchScoring {
  private let shape: TowerShape
  private let probe: any HeadFeatures
  private let moments: SafetensorsFile?
  /// How many images they are of.
  private let momentsOf: Int
  private let attention: SafetensorsFile?
  private let mlps: SafetensorsFile?
  private let patches: SafetensorsFile?
  /// Which images patch scores are of; nil where they are none of single heads.
  private let images: ImageReference.Origin?
  /// The texts of patch scores, `[M, E]`.
  private let texts: Tensor?

  /// - Throws: `CheckpointError`, `FileError`.
  init(_ received: ReceivedEvidence, _ probe: any HeadFeatures) throws {
    (shape, self.probe) = (received.shape, probe)
    moments = try received.file(EvidenceNeed.headMoments.rawValue)
    momentsOf = received.json.whole("momentsOf", default: 0)
    attention = try received.file(EvidenceNeed.galleryAttention.rawValue)
    mlps = try received.file(EvidenceNeed.probeMLPs.rawValue)
    patches = try received.file("patches")
    let asked = received.json["patches"]
    images = asked?.text("heads") == "each" ? ImageReference.Origin(rawValue: asked?.text("images") ?? "") : nil
    texts = try patches?.tensor("texts")
  }

  /// Nothing that is computed here is kept by these.
  var keys: (gallery: String, probe: String) { ("", "") }

  func moments(of head: Head) throws -> HeadMoments {
    guard let moments else {
      guard !probe.spaces.isEmpty else { throw NotGiven(what: "head-moments, which needs does not list") }
      return try HeadMoments(of: head, in: probe)
    }
    return HeadMoments(
      count: momentsOf, mean: try moments.tensor(head.padded + ".mean").values.map(Double.init),
      covariance: try moments.tensor(head.padded + ".covariance").values.map(Double.init))
  }

  func attention(image: GalleryIndex) throws -> Tensor {
    guard let attention else { throw NotGiven(what: "gallery-attention, which needs does not list") }
    return try attention.tensor("attention", at: image.place)
  }

  func mlps(block: Int) throws -> Tensor {
    guard let mlps else { throw NotGiven(what: "probe-mlps, which needs does not list") }
    return try mlps.tensor("mlps")
  }

  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] {
    try scores(.gallery, image.place, texts)
  }

  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] { try scores(.probe, row, texts) }

  private func scores(_ set: ImageReference.Origin, _ place: Int, _ asked: Tensor) throws -> [PatchScores] {
    guard let patches, let texts, images == set else {
      throw NotGiven(what: "patch scores of single heads for \(set.rawValue) images, which patches does not ask for")
    }
    let scores = try patches.tensor("scores", at: place).values
    let size = shape.headCount * shape.patches
    return try (0..<asked.rows).map { row in
      guard let found = (0..<texts.rows).first(where: { texts.row($0).elementsEqual(asked.row(row)) }) else {
        throw NotGiven(what: "patch scores with a text that patches does not name")
      }
      return PatchScores(
        shape: shape,
        values: Tensor(
          shape: [shape.headCount, shape.patches], values: Array(scores[found * size..<(found + 1) * size])))
    }
  }
}
