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
