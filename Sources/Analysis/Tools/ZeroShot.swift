import LinearAlgebra
import Tensors

/// Zero-shot classification: the answer for an image is the class whose text's embedding is nearest.
public struct ZeroShot: Sendable {
  /// Dot products of images and classes, `[N, K]`.
  public let scores: Tensor

  /// - Parameter scores: `[N, K]`, K at least 1 where there are images.
  public init(scores: Tensor) { self.scores = scores }

  /// - Parameters:
  ///   - images: embeddings, `[N, E]`.
  ///   - classes: unit-norm embeddings of the classes' texts, `[K, E]`.
  public init(images: Tensor, classes: Tensor) {
    self.init(scores: product(images, .normal, classes, .transposed))
  }

  /// The place of each image's class, `[N]`; of equal ones the lower.
  public var answers: [Int] {
    (0..<scores.rows).map { row in
      let scores = scores.row(row)
      return scores.indices.max { (scores[$0], $1) < (scores[$1], $0) }.map { $0 - scores.startIndex } ?? 0
    }
  }

  /// The share of the images whose class is known that are answered right; nil where none is known.
  ///
  /// - Parameter truth: the place of each image's class, `[N]`; nil where it is not known.
  public func accuracy(_ truth: [Int?]) -> Double? {
    precondition(truth.count == scores.rows, "\(truth.count) classes of \(scores.rows) images")
    let judged = zip(answers, truth).compactMap { answer, truth in truth.map { $0 == answer } }
    return judged.isEmpty ? nil : Double(judged.count { $0 }) / Double(judged.count)
  }

  /// How far the class of each image leads the best of the others, `[N]`: below 0 where the answer is wrong; nil where the class
  /// is not known, or there is no other.
  ///
  /// - Parameter truth: the place of each image's class, `[N]`; nil where it is not known.
  public func margins(_ truth: [Int?]) -> [Double?] {
    precondition(truth.count == scores.rows, "\(truth.count) classes of \(scores.rows) images")
    return truth.enumerated().map { row, truth in
      guard let truth else { return nil }
      let scores = Array(scores.row(row))
      let others = scores.indices.filter { $0 != truth }.map { scores[$0] }.max()
      return others.map { Double(scores[truth]) - Double($0) }
    }
  }
}
