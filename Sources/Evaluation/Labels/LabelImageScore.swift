import Analysis
import Attribution
import Foundation
import LinearAlgebra
import Tensors

/// Labels held against images that no description was chosen with: whether heads write along their labels where images show them.
///
/// A head's activation is what it wrote for an image along the label's text embedding; what the image shows is the dot product of the
/// text with the image's embedding less that, so that a head is not compared with itself. Images show the label where that is
/// in the highest tenth.
public struct LabelImageScore: Sendable, Equatable {
  /// Labelled heads.
  public let heads: Int
  /// Images.
  public let images: Int
  /// Mean over heads of the correlation of activation and dot product.
  public let pearson: Double
  /// Mean over heads of the average precision with which the activation finds the images that show the label; the share of such images by
  /// chance.
  public let averagePrecision: Double
  /// Both with the labels of other heads, the mean over all.
  public let permutedPearson: Double
  public let permutedPrecision: Double
  /// The share of images that show a label.
  public let chance: Double

  /// The fewest images that scores are computed over.
  public static let fewestImages = 20
}

/// The scores of any label for every head of a model, over the gallery.
public struct LabelImageScores: Sendable {
  private let evidence: ModelEvidence
  private let places: [String: Int]
  /// By head and text.
  private let scores: [[(pearson: Double, precision: Double)]]
  private let positives: Int

  /// - Parameter labels: all that scores are wanted of.
  /// - Returns: nil where there are too few images, or no labels.
  /// - Throws: what encoding throws.
  public init?(_ evidence: ModelEvidence, labels: Set<String>) throws {
    let texts = labels.sorted()
    let images = evidence.gallery.items.count
    guard images >= LabelImageScore.fewestImages, !texts.isEmpty else { return nil }
    self.evidence = evidence
    places = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($0.element, $0.offset) })
    positives = max(3, images / 10)
    let embeddings = try evidence.encoder.embeddings(of: texts.map { $0.lowercased() })
    let contributions = evidence.gallery.contributions
    let whole = product(contributions.embeddings, .normal, embeddings, .transposed)  // [N, M]
    let count = positives
    scores = try evidence.mapHeads { head in
      let place = evidence.shape.index(of: head)
      let directions = product(contributions.spaces[place].basis, .normal, embeddings, .transposed)  // [D+3, M]
      let written = product(contributions.coordinates[place], .normal, directions, .normal)  // [N, M]
      return texts.indices.map { text in
        let activation = (0..<images).map { Double(written.values[$0 * texts.count + text]) }
        let shown = (0..<images).map { Double(whole.values[$0 * texts.count + text]) - activation[$0] }
        let isPositive = Self.largest(count, of: shown)
        return (
          LabelStatistic.pearson.value(activation, shown),
          LabelStatistic.averagePrecision(of: activation, isPositive: isPositive)
        )
      }
    }
  }

  /// The scores of the labels of a labeller.
  ///
  /// - Parameter labels: one per head; nil leaves the head out.
  /// - Returns: nil where none is labelled.
  public func score(_ labels: [String?]) -> LabelImageScore? {
    let pairs = labels.enumerated().compactMap { head, label in
      label.flatMap { places[$0] }.map { (head: head, text: $0) }
    }
    guard !pairs.isEmpty else { return nil }
    let number = Double(pairs.count)
    func mean(_ value: (Int, Int) -> Double) -> Double { pairs.reduce(0) { $0 + value($1.head, $1.text) } / number }
    // Over all permutations of the labels every label stands with every head equally often.
    func permuted(_ value: (Int, Int) -> Double) -> Double {
      pairs.reduce(0) { sum, pair in sum + pairs.reduce(0) { $0 + value(pair.head, $1.text) } } / (number * number)
    }
    return LabelImageScore(
      heads: pairs.count, images: evidence.gallery.items.count, pearson: mean { scores[$0][$1].pearson },
      averagePrecision: mean { scores[$0][$1].precision }, permutedPearson: permuted { scores[$0][$1].pearson },
      permutedPrecision: permuted { scores[$0][$1].precision },
      chance: Double(positives) / Double(evidence.gallery.items.count))
  }

  /// Which of some numbers are the largest, ties to the lower place.
  static func largest(_ count: Int, of values: [Double]) -> [Bool] {
    var flags = values.map { _ in false }
    let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    for place in order.prefix(count) { flags[place] = true }
    return flags
  }
}
