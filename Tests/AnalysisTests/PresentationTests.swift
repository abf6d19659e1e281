import Analysis
import Attribution
import Diagnostics
import Tensors
import Testing

@Suite struct PresentationTests {
  @Test(
    arguments: [
      ([1.0, 3, 2], 2, [1, 2]), ([2, 2, 2], 2, [0, 1]), ([0, 5, 5, 7], 3, [3, 1, 2]), ([1, 2], 5, [1, 0]), ([], 3, []),
      ([1, 2], 0, []), ([-1, -3, -2], 1, [0]),
    ] as [([Double], Int, [Int])])
  func `the largest come first and ties go to the lower place`(numbers: [Double], count: Int, expected: [Int]) {
    #expect(indicesOfLargest(numbers, count: count) == expected)
  }

  @Test(
    arguments: [
      (0, 2, "0.00"), (1.005, 1, "1.0"), (0.996, 2, "1.00"), (-0.25, 1, "−0.3"), (-0.001, 2, "0.00"),
      (12.3456, 3, "12.346"),
      (7.04, 2, "7.04"), (99.6, 0, "100"), (1e300, 2, "1e+300"), (Double.nan, 2, "nan"), (Double.infinity, 2, "inf"),
    ] as [(Double, Int, String)])
  func `numbers are worded with fixed decimals`(number: Double, decimals: Int, expected: String) {
    #expect(fixed(number, decimals: decimals) == expected)
  }

  @Test(
    arguments: [
      ([], 3), ([0], 3), ([123], 2), ([0.5], 3), ([0.0123, 0.0004], 4), ([-0.00012], 6), ([1e-30], 8), ([.infinity], 3),
    ] as [([Double], Int)])
  func `three digits of the largest are shown`(numbers: [Double], expected: Int) {
    #expect(decimals(for: numbers) == expected)
  }

  static let manifest = PluginManifest(
    id: "sample", title: "Sample", version: "1.0.0", summary: "A sample.",
    options: [PluginOption(name: "count", summary: "how many", default: 4, range: 1...8)])

  @Test(
    arguments: [
      ("count", ["count": 9], "plugin sample: option count is 9, expected 1 to 8; use 8"),
      ("count", ["count": -1], "plugin sample: option count is -1, expected 1 to 8; use 1"),
      ("count", [:], "plugin sample: no value for option count, expected one for every option of the manifest"),
      (
        "kount", ["kount": 2],
        "plugin sample: it reads option kount, which its manifest does not list; add it to the manifest"
      ),
    ] as [(String, [String: OptionValue], String)])
  func `an option that cannot be read is refused in one line`(
    name: String, options: [String: OptionValue], message: String
  ) {
    let error = #expect(throws: PluginOptionError.self) { try Self.manifest.value(of: name, in: options) }
    #expect("\(error, default: "")" == message)
  }

  @Test func `an option in its range is read, and each has a standard`() throws {
    #expect(try Self.manifest.value(of: "count", in: ["count": 8]) == 8)
    #expect(Self.manifest.defaultOptions == ["count": 4])
  }

  @Test func `strengths, totals and differences of patch maps`() {
    let shape = TowerShape(layers: 1, heads: 2, headWidth: 1, width: 2, embeddingWidth: 2, gridSide: 2)
    let scores = PatchScores(shape: shape, values: Tensor(shape: [2, 4], values: [1, -1, 2, -4, 0, 0, 0, 8]))
    #expect(scores.strengths() == [2, 2])
    #expect(scores.totals() == [-2, 8])
    let other = PatchScores(shape: shape, values: Tensor(shape: [2, 4], values: [1, 1, 1, 1, 0, 0, 0, 7]))
    #expect(scores.subtracting(other).values.values == [0, -2, 1, -5, 0, 0, 0, 1])
    #expect(scores.subtracting(other).subtracting(scores).sum() == other.sum().map { -$0 })
  }
}
