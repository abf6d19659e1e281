import LinearAlgebra
import Tensors

/// SOMP and orthogonal least squares on the moments of a head.
///
/// With d the atoms, q what is left of each beyond the span of those chosen, A the head's frame `[k, E]` and S its covariance there, the rest of all
/// images' contributions has the product Σ ⟨r, d⟩² = N·(Aq)·S·(Aq) with an atom. SOMP takes the largest; least squares the
/// largest divided by ‖q‖², which is what the sum of squares falls by.
struct SpanPursuit {
  private let dictionary: TextDictionary
  /// The atoms in the head's frame, `[M, k]`.
  private let projected: DoubleRows
  private let covariance: RowMatrix
  private let isLeastSquares: Bool
  /// (Aq)·S·(Aq) of each atom; negative infinity for one that was chosen.
  private var scores: [Double]
  /// ‖q‖² of each atom.
  private var rests: [Double]
  private var steps: [Step] = []
  private let floor: Double

  /// A unit direction e that was chosen.
  private struct Step {
    /// ⟨d, e⟩ of each atom, `[M]`.
    let along: [Double]
    /// A·e, `[k]`.
    let image: [Double]
  }

  /// Below this an atom is the sum of those chosen, but for the rounding of float32.
  private static let leastRest = 1e-6

  /// - Parameter scores: (Ad)·S·(Ad) of each atom: `projected.quadraticForms(covariance.values)`.
  init(
    _ dictionary: TextDictionary, projected: DoubleRows, covariance: RowMatrix, scores: [Double], isLeastSquares: Bool
  ) {
    (self.dictionary, self.projected, self.covariance) = (dictionary, projected, covariance)
    (self.scores, self.isLeastSquares) = (scores, isLeastSquares)
    rests = dictionary.squares
    floor = (scores.max() ?? 0) * HeadFrame.noise * HeadFrame.noise
  }

  /// The places of the next texts, at most `count`.
  ///
  /// They are fewer where nothing is left to describe. Ties are taken in their order.
  mutating func choose(_ count: Int) -> [Int] {
    var chosen: [Int] = []
    while chosen.count < count, let next = best() {
      take(next)
      chosen.append(next)
    }
    return chosen
  }

  private func best() -> Int? {
    var (found, highest) = (Int?.none, 0.0)
    for place in scores.indices where scores[place] > floor && rests[place] > Self.leastRest {
      let value = isLeastSquares ? scores[place] / rests[place] : scores[place]
      if value > highest { (found, highest) = (place, value) }
    }
    return found
  }

  private mutating func take(_ place: Int) {
    let length = rests[place].squareRoot()
    let own = dictionary.products(place)
    var along = own.map(Double.init)
    var image = projected.row(place)
    for step in steps {
      add(step.along, times: -step.along[place], to: &along)
      add(step.image, times: -step.along[place], to: &image)
    }
    for index in along.indices { along[index] /= length }
    for index in image.indices { image[index] /= length }
    let spread = covariance.times(image)
    let variance = dot(image, spread)
    // (Aq)·Se of what is left of every atom.
    var across = projected.products(spread, spread).first
    for step in steps { add(step.along, times: -dot(step.image, spread), to: &across) }
    for index in scores.indices {
      scores[index] += along[index] * (along[index] * variance - 2 * across[index])
      rests[index] -= along[index] * along[index]
    }
    scores[place] = -.infinity
    steps.append(Step(along: along, image: image))
  }
}
