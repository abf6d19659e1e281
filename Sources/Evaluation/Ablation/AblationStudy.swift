import Analysis
import Attribution
import Tensors

/// What is left of captions and classes once parts of the image tower are replaced by their means: heads, layers, MLPs, and layers
/// one after another.
///
/// All are direct effects: what later layers made of a part stays. Heads are replaced by their means over the probe set, MLPs by those
/// over the images that are asked about.
public struct AblationStudy: Sendable {
  public let question: AblationQuestion
  /// With everything.
  public let whole: AblationMeasures
  /// Without each head, in the order of `shape.allHeads`.
  public let heads: [AblationMeasures]
  /// Without the heads of each layer, `[L]`.
  public let layers: AblationSteps
  /// Without the MLP of each layer, `[L]`.
  public let mlps: AblationSteps
  /// Without anything: every image is the same.
  public let nothing: AblationMeasures

  /// - Returns: nil where neither two captions nor two classes are known, or there is no probe image to take means over.
  /// - Throws: what reading features throws, and encoding the classes' texts.
  public init?(_ evidence: ModelEvidence) throws {
    let question = try AblationQuestion(evidence)
    guard question.texts.rows > 0, !evidence.probe.items.isEmpty else { return nil }
    let similarity = AblatedSimilarity(evidence, images: question.images, texts: question.texts)
    let shape = evidence.shape
    let whole = similarity.whole.values.map(Double.init)
    var heads: [AblationMeasures] = []
    var layers: [Tensor] = []
    for layer in 0..<shape.layers {
      let changes = try evidence.inParallel(shape.heads) { head in
        try similarity.change(of: Head(layer: layer, head: head))
      }
      heads += changes.map { question.measures(of: subtracting([$0], from: whole)) }
      layers.append(sum(changes))
    }
    let means = similarity.meanMLPs()
    let terms = (0...shape.layers).map { similarity.change(ofMLP: $0, from: means) }
    self.question = question
    self.heads = heads
    self.whole = question.measures(of: whole)
    self.layers = AblationSteps(question: question, whole: whole, changes: layers)
    mlps = AblationSteps(question: question, whole: whole, changes: Array(terms.dropFirst()))
    nothing = question.measures(of: subtracting(layers + terms, from: whole))
  }
}

/// What is left without some of the parts of a tower, one for each layer.
public struct AblationSteps: Sendable {
  fileprivate let question: AblationQuestion
  fileprivate let whole: [Double]
  /// What each layer's difference from its mean adds, `[L][n, K]`.
  fileprivate let changes: [Tensor]

  /// Without each layer alone, `[L]`.
  public var each: [AblationMeasures] {
    changes.map { question.measures(of: subtracting([$0], from: whole)) }
  }

  /// Without the first 0, 1, … L layers of an order, `[L+1]`.
  ///
  /// - Parameter order: every layer once, from 0.
  public func along(_ order: [Int]) -> [AblationMeasures] {
    precondition(order.sorted() == Array(changes.indices), "\(order) is no order of \(changes.count) layers")
    var rest = whole
    return [question.measures(of: rest)]
      + order.map { layer in
        rest = subtracting([changes[layer]], from: rest)
        return question.measures(of: rest)
      }
  }

  /// From the last layer to the first.
  public var fromLast: [AblationMeasures] { along(changes.indices.reversed()) }

  /// From the first layer to the last: after L−k steps the last k are left.
  public var fromFirst: [AblationMeasures] { along(Array(changes.indices)) }

  /// In orders drawn at random, `[count][L+1]`; the same for the same seed.
  public func atRandom(_ count: Int, seed: UInt64) -> [[AblationMeasures]] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in along(changes.indices.shuffled(using: &numbers)) }
  }
}

/// Similarities less what some parts add, in double.
private func subtracting(_ changes: [Tensor], from whole: [Double]) -> [Double] {
  var rest = whole
  for change in changes {
    for (place, value) in change.values.enumerated() { rest[place] -= Double(value) }
  }
  return rest
}

private func sum(_ changes: [Tensor]) -> Tensor {
  let zeros = [Double](repeating: 0, count: changes[0].count)
  return Tensor(shape: changes[0].shape, values: subtracting(changes, from: zeros).map { Float(-$0) })
}
