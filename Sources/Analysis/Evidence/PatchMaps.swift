import Attribution
import Tensors

extension PatchScores {
  /// How much each head draws on the map, whatever its sign: the mean over patches of |score|, `[L·H]`.
  public func strengths() -> [Double] {
    (0..<shape.headCount).map { meanMagnitude(values.row($0)) }
  }

  /// What each head adds up to over all patches, `[L·H]`.
  public func totals() -> [Double] {
    (0..<shape.headCount).map { head in values.row(head).reduce(0.0) { $0 + Double($1) } }
  }

  /// This map less another, patch by patch and head by head.
  public func subtracting(_ other: PatchScores) -> PatchScores {
    precondition(values.shape == other.values.shape, "maps of shapes \(values.shape) and \(other.values.shape)")
    var difference = values
    for index in difference.values.indices { difference.values[index] -= other.values.values[index] }
    return PatchScores(shape: shape, values: difference)
  }
}

/// The mean of |value|, summed in double; 0 for no values.
public func meanMagnitude(_ values: some Collection<Float>) -> Double {
  guard !values.isEmpty else { return 0 }
  return values.reduce(0.0) { $0 + Double(abs($1)) } / Double(values.count)
}

/// The share of a map's mass, the sum of |value|, that lies on some patches: 0 to 1; 0 for a map of zeros.
///
/// - Parameters:
///   - values: `[P]`; what is not finite counts as nothing.
///   - places: indices of patches; others than the map has count as nothing.
public func massShare(of values: [Float], on places: some Sequence<Int>) -> Double {
  func mass(_ place: Int) -> Double { values[place].isFinite ? Double(abs(values[place])) : 0 }
  let all = values.indices.reduce(0.0) { $0 + mass($1) }
  guard all > 0 else { return 0 }
  return Set(places).filter(values.indices.contains).sorted().reduce(0.0) { $0 + mass($1) } / all
}
