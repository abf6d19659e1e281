import Analysis
import Attribution

/// Maps against the outlines of objects: each kind of map with its scores, the one in question first, then controls.
public struct MapTruths: Sendable {
  public struct Row: Sendable {
    public let kind: MapKind
    public let score: MapScore
    /// How well the map, less the mean of all texts' maps, cuts the objects out; nil for kinds that the benchmark does not have.
    public let segmentation: SegmentationScore?
  }
  public let rows: [Row]
  /// Outlines that the maps are held against.
  public let outlines: Int
  public let images: Int

  public func score(_ kind: MapKind) -> MapScore? { rows.first { $0.kind == kind }?.score }
}

/// Where a map that is held against an object's outline comes from.
public enum MapKind: String, Sendable, CaseIterable {
  /// The map in question, all heads summed.
  case map
  /// For contrastive maps: the object's own topic map.
  case topicAlone
  /// For contrastive maps: the map in question against the outline of the other text's object.
  case otherOutline
  /// The map of one head.
  case oneHead
  /// The map of a text that the image does not show.
  case randomText
  /// The map in question against the outline of an object of another image.
  case otherImage
  /// A Gaussian around the centre.
  case centre
  /// Random numbers, whose average precision is the share of the image that objects take.
  case noise

  /// How many are drawn per object: heads, texts and outlines.
  static let draws = 4
}

/// Scores by kind of map, as they come.
private struct MapTally: Sendable {
  let side: Int
  private(set) var scores: [MapKind: [MapScore]] = [:]
  private var segmentations: [MapKind: SegmentationTally] = [:]

  init(side: Int) { self.side = side }

  /// - Parameter relative: the map less the mean of all texts' maps; nil where it is not to be judged as a segmentation.
  mutating func add(_ kind: MapKind, _ map: [Float], relative: [Float]? = nil, _ mask: [Bool]) {
    if let score = MapScore(map: map, mask: mask, side: side) { scores[kind, default: []].append(score) }
    if let relative {
      segmentations[kind, default: SegmentationTally()].add(map: relative, mask: mask, width: side, height: side)
    }
  }

  mutating func add(_ other: MapTally) {
    scores.merge(other.scores) { $0 + $1 }
    for (kind, tally) in other.segmentations { segmentations[kind, default: SegmentationTally()].add(tally) }
  }

  func truths(images: Int) -> MapTruths? {
    let rows = MapKind.allCases.compactMap { kind in
      MapScore.mean(scores[kind] ?? []).map {
        MapTruths.Row(kind: kind, score: $0, segmentation: segmentations[kind]?.score)
      }
    }
    return rows.isEmpty
      ? nil : MapTruths(rows: rows, outlines: scores[.map]?.count ?? 0, images: images)
  }
}

extension MapTruths {
  /// Topic maps of all outlined objects, and contrastive maps of all pairs of them in one image, in both directions.
  static func measure(_ evidence: ModelEvidence) throws -> (topic: MapTruths?, contrast: MapTruths?) {
    let (side, outlines) = (evidence.card.imageSize, evidence.gallery.outlines)
    guard !outlines.isEmpty else { return (nil, nil) }
    let texts = Set(outlines.map(\.text)).sorted()
    let places = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
    let embeddings = try evidence.encoder.embeddings(of: texts)
    let byImage = Dictionary(grouping: outlines.indices) { outlines[$0].image }.sorted { $0.key < $1.key }
    let tallies = try evidence.inParallel(byImage.count) { place in
      let (image, own) = byImage[place]
      let shown = Set(evidence.gallery[image].objects)
      let scores = try evidence.patches.scores(image: image, texts: embeddings)
      let judge = OutlineJudge(
        scores: scores, mean: PatchScores.mean(scores), places: places,
        foreignTexts: texts.filter { !shown.contains($0) },
        foreignMasks: outlines.filter { $0.image != image }.map(\.mask), shape: evidence.shape)
      var (topic, contrast) = (MapTally(side: side), MapTally(side: side))
      for first in own {
        judge.judge(outlines[first], seed: UInt64(first), tally: &topic)
        for second in own where outlines[first].text != outlines[second].text {
          judge.judge(outlines[first], against: outlines[second], seed: UInt64(first), tally: &contrast)
        }
      }
      return (topic: topic, contrast: contrast)
    }
    var (topic, contrast) = (MapTally(side: side), MapTally(side: side))
    for tally in tallies {
      topic.add(tally.topic)
      contrast.add(tally.contrast)
    }
    return (
      topic.truths(images: tallies.count),
      contrast.truths(images: tallies.count { !$0.contrast.scores.isEmpty })
    )
  }
}

/// Holds the maps of one image, and their controls, against outlines.
private struct OutlineJudge {
  /// One per text, all texts of the gallery's objects.
  let scores: [PatchScores]
  /// Of all of them.
  let mean: PatchScores?
  let places: [String: Int]
  /// Texts of objects that the image does not show.
  let foreignTexts: [String]
  /// Outlines of other images' objects.
  let foreignMasks: [[Bool]]
  let shape: TowerShape

  /// The map of an object's text.
  func judge(_ outline: ObjectOutline, seed: UInt64, tally: inout MapTally) {
    let texts = Control.draw(MapKind.draws, of: foreignTexts, seed: seed).map(patches)
    judge(
      patches(outline.text), outline.mask,
      strange: texts.map { (map: $0.sum(), relative: relative($0)?.sum()) },
      relative: relative(patches(outline.text)), seed: seed, tally: &tally)
  }

  private func relative(_ patches: PatchScores) -> PatchScores? { mean.map(patches.subtracting) }

  /// The map of an object's text less that of another object's.
  func judge(_ outline: ObjectOutline, against other: ObjectOutline, seed: UInt64, tally: inout MapTally) {
    let difference = patches(outline.text).subtracting(patches(other.text))
    let texts = Control.draw(2 * MapKind.draws, of: foreignTexts, seed: seed)
    let strange = zip(texts.prefix(texts.count / 2), texts.suffix(texts.count / 2)).map { first, second in
      (map: patches(first).subtracting(patches(second)).sum(), relative: nil as [Float]?)
    }
    tally.add(.topicAlone, patches(outline.text).sum(), outline.mask)
    tally.add(.otherOutline, difference.sum(), other.mask)
    judge(difference, outline.mask, strange: strange, relative: nil, seed: seed, tally: &tally)
  }

  /// - Parameter relative: the patches less the mean of all texts'; nil where they are not to be judged as a segmentation.
  private func judge(
    _ patches: PatchScores, _ mask: [Bool], strange: [(map: [Float], relative: [Float]?)], relative: PatchScores?,
    seed: UInt64, tally: inout MapTally
  ) {
    let (map, segmentation) = (patches.sum(), relative?.sum())
    tally.add(.map, map, relative: segmentation, mask)
    for head in Control.draw(MapKind.draws, of: shape.allHeads, seed: seed) {
      tally.add(.oneHead, patches.map(of: head), relative: relative?.map(of: head), mask)
    }
    for other in strange { tally.add(.randomText, other.map, relative: other.relative, mask) }
    for place in Control.draw(MapKind.draws, of: Array(foreignMasks.indices), seed: seed) {
      tally.add(.otherImage, map, relative: segmentation, foreignMasks[place])
    }
    for (kind, prior) in [
      (MapKind.centre, Control.centrePrior(gridSide: shape.gridSide)),
      (.noise, Control.randomMap(gridSide: shape.gridSide, seed: seed)),
    ] { tally.add(kind, prior, relative: relative == nil ? nil : prior, mask) }
  }

  private func patches(_ text: String) -> PatchScores { scores[places[text] ?? 0] }
}
