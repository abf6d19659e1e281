import Attribution
import CLIP
import Foundation
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// What a head writes of white noise, in float64; written by `scripts/goldens/white.py`.
private struct Golden: Decodable {
  let trace: Double
  /// The product of the covariance in the joint embedding with a vector of equal numbers of length 1.
  let image: [Double]
}

@Suite struct `What a head writes of white noise` {
  @Test(arguments: ["quick-gelu", "ratio-and-width", "plain"]) func `is what its value and output weights make of it`(
    name: String
  ) throws {
    let goldens = try JSONDecoder().decode(
      [String: [Golden]].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("clip/white.json"))))
    let expected = try #require(goldens[name])
    let model = try CLIPModel(ModelSource(folder: Fixtures.golden("clip/" + name)), threads: 1)
    #expect(model.whiteCovariances.count == expected.count)
    for (head, golden) in expected.enumerated() {
      let basis = model.spaces[head].basis
      let covariance = product(
        basis, .transposed, product(model.whiteCovariances[head], basis), .normal)
      let width = covariance.rows
      let image = (0..<width).map { row in
        covariance.row(row).reduce(0) { $0 + Double($1) } / Double(width).squareRoot()
      }
      let trace = (0..<width).reduce(0) { $0 + Double(covariance.values[$1 * width + $1]) }
      let worst = WorstDifference(
        (image + [trace]).map { $0 / golden.trace }, (golden.image + [golden.trace]).map { $0 / golden.trace })
      #expect(worst.value < 1e-5, "head \(head): \(worst)")
    }
  }
}
