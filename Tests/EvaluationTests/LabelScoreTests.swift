import Evaluation
import Testing

@Suite("Scores of labels") struct LabelScoreTests {
  /// Exact small answers, worked by hand: activations 4, 3, 2, 1, and which images show the label.
  @Test(
    "have known values",
    arguments: [
      ([true, true, false, false], 1.0, 0.8944271909999159), ([true, false, true, false], 5.0 / 6, 0.4472135954999579),
      ([false, false, false, true], 0.25, -0.7745966692414834), ([false, false, false, false], 0.0, 0.0),
    ] as [([Bool], Double, Double)])
  func known(shown: [Bool], precision: Double, correlation: Double) {
    let activation = [4.0, 3, 2, 1]
    #expect(abs(LabelStatistic.averagePrecision(of: activation, isPositive: shown) - precision) < 1e-12)
    #expect(abs(LabelStatistic.correlation(activation, shown.map { $0 ? 1 : 0 }) - correlation) < 1e-12)
  }
}
