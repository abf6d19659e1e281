import Attribution
import Tensors

/// How well maps of texts cut objects out of images, as the zero-shot segmentation benchmark of arXiv 2310.05916 measures it: the
/// definitions are those of the authors' code, `compute_segmentations.py` of clip_text_span.
///
/// - The map of a text is what the patches of all heads add to the similarity with it, less the mean of the maps of all texts that are
///   looked for; interpolated to the pixels of the mask, bilinear, with numbers below 0 put to 0 and the rest scaled to 0 … 1.
/// - A pixel is foreground where it is above the mean of these. A map of which nothing is left, because it is the same everywhere, marks nothing.
///
/// All scores go from 0 to 1, and higher is better. The benchmark takes the text of the class that the model predicts; here it is the text
/// that the mask is known to show, and an image may have several masks.
public struct SegmentationScore: Sendable, Equatable {
  /// The share of the pixels of all masks that are told right, foreground or background.
  public let pixelAccuracy: Double
  /// Mean over background and foreground of intersection over union, each summed over all masks first; 0 for one that neither the
  /// maps nor the masks have.
  public let meanIntersectionOverUnion: Double
  /// Mean over masks of the average precision of foreground and background together: of both decisions at every pixel, ranked by the
  /// scaled map v for the foreground and by 1 − v for the background.
  public let meanAveragePrecision: Double
  /// How many masks there are.
  public let masks: Int
}

/// The scores of masks, as they come.
package struct SegmentationTally: Sendable, Equatable {
  /// Pixels that are told right.
  package private(set) var correct = 0
  package private(set) var pixels = 0
  /// Of background and foreground.
  package private(set) var intersections = [0, 0]
  package private(set) var unions = [0, 0]
  /// One for each mask.
  package private(set) var precisions: [Double] = []

  package init() {}

  /// Takes in one map and the mask that it is held against.
  ///
  /// - Parameters:
  ///   - map: less the mean of all texts' maps, `[P]`, on a square grid.
  ///   - mask: `[height, width]`, row by row.
  /// - Returns: false, with nothing taken in, where the sizes do not fit, or a number is not finite.
  @discardableResult package mutating func add(map: [Float], mask: [Bool], width: Int, height: Int) -> Bool {
    guard let truth = MapTruth(map: map, mask: mask, width: width, height: height) else { return false }
    let scaled = Self.scaled(truth.pixels)
    let mean = scaled.reduce(0.0) { $0 + Double($1) } / Double(max(scaled.count, 1))
    var (found, set, both) = (0, 0, 0)
    for (value, isSet) in zip(scaled, mask) {
      let isFound = Double(value) > mean
      found += isFound ? 1 : 0
      set += isSet ? 1 : 0
      both += isFound && isSet ? 1 : 0
    }
    let neither = mask.count - found - set + both
    correct += both + neither
    pixels += mask.count
    let kinds = [(both: neither, either: mask.count - both), (both: both, either: found + set - both)]
    for (place, kind) in kinds.enumerated() {
      intersections[place] += kind.both
      unions[place] += kind.either
    }
    let isFlat = !scaled.contains { $0 > 0 }
    let ranked = RankedMarks(2 * scaled.count) { keys in
      for (place, value) in scaled.enumerated() {
        keys[2 * place] = RankedMarks.key(value, mask[place])
        keys[2 * place + 1] = RankedMarks.key(isFlat ? value : 1 - value, !mask[place])
      }
    }
    precisions.append(ranked.averagePrecision() ?? 0)
    return true
  }

  package mutating func add(_ other: SegmentationTally) {
    correct += other.correct
    pixels += other.pixels
    for place in intersections.indices {
      intersections[place] += other.intersections[place]
      unions[place] += other.unions[place]
    }
    precisions += other.precisions
  }

  /// Nil of no mask.
  package var score: SegmentationScore? {
    guard !precisions.isEmpty else { return nil }
    let shares = zip(intersections, unions).map { $1 > 0 ? Double($0) / Double($1) : 0 }
    return SegmentationScore(
      pixelAccuracy: Double(correct) / Double(pixels), meanIntersectionOverUnion: mean(shares),
      meanAveragePrecision: mean(precisions), masks: precisions.count)
  }

  /// Without what is below 0, on 0 … 1; zeros where nothing is left.
  private static func scaled(_ pixels: [Float]) -> [Float] {
    let left = pixels.map { max($0, 0) }
    guard let least = left.min(), let most = left.max(), most > least else { return left.map { _ in 0 } }
    return left.map { ($0 - least) / (most - least) }
  }
}

extension PatchScores {
  /// The mean of some scores, patch by patch and head by head; nil of none.
  package static func mean(_ scores: [PatchScores]) -> PatchScores? {
    guard let first = scores.first else { return nil }
    var sums = [Double](repeating: 0, count: first.values.values.count)
    for score in scores {
      precondition(score.values.shape == first.values.shape, "maps of \(score.values.shape) and \(first.values.shape)")
      for (place, value) in score.values.values.enumerated() { sums[place] += Double(value) }
    }
    return PatchScores(
      shape: first.shape,
      values: Tensor(shape: first.values.shape, values: sums.map { Float($0 / Double(scores.count)) }))
  }
}
