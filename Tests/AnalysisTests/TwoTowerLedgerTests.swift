import Analysis
import Attribution
import LinearAlgebra
import Tensors
import TestSupport
import Testing

@Suite struct `A ledger of two towers` {
  /// Each piece has its own power of two on the first axis, so that every term is told from every other.
  private func contributions(layers: Int, heads: Int, factor: Float) -> HeadContributions {
    let shape = TowerShape(layers: layers, heads: heads, headWidth: 1, width: heads, embeddingWidth: 2, gridSide: 0)
    func number(_ place: Int) -> Float { factor * Float(1 << place) }
    return HeadContributions(
      shape: shape,
      spaces: shape.allHeads.map { _ in
        let basis = Tensor(shape: [4, 2], values: [1, 0, 0, 0, 0, 0, 0, 0])
        return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
      },
      coordinates: shape.allHeads.indices.map { Tensor(shape: [1, 4], values: [number($0 + 1), 7, 7, 7]) },
      mlp: Tensor(
        shape: [1, layers + 1, 2], values: (0...layers).flatMap { [number($0 == 0 ? 0 : shape.headCount + $0), 0] }),
      embeddings: Tensor(zeros: [1, 2]))
  }

  private var ledger: TwoTowerLedger {
    TwoTowerLedger(
      image: 0, of: contributions(layers: 2, heads: 2, factor: 1), text: 0,
      of: contributions(layers: 1, heads: 1, factor: -1))
  }

  @Test func `has a row for the start, each head and each MLP of the image, and columns of the text's`() {
    #expect(ledger.imagePieces.map(\.description) == ["start", "L0.H0", "L0.H1", "L1.H0", "L1.H1", "MLP 0", "MLP 1"])
    #expect(ledger.textPieces.map(\.description) == ["start", "L0.H0", "MLP 0"])
    for (row, column) in [(0, 0), (3, 1), (6, 2)] {
      #expect(ledger[row, column] == -Double(1 << row) * Double(1 << column))
    }
    #expect(ledger.sum == -Double((1 << 7) - 1) * Double((1 << 3) - 1))
  }

  @Test func `ranks pairs of heads by their terms whatever the sign`() {
    #expect(ledger.largestHeadPairs(2).map(\.image) == [4, 3] && ledger.largestHeadPairs(9).count == 4)
    #expect(ledger.largestHeadPairs(9).allSatisfy { $0.text == 1 })
  }

  @Test func `sums to the same in any groups, and the mean of ledgers is theirs term by term`() {
    let groups = ledger.summed(rows: 2, columns: 1) {
      if case .head = $0 { 1 } else { 0 }
    } text: { _ in
      0
    }
    #expect(groups == [[-7 * Double(1 + 32 + 64)], [-7 * Double(2 + 4 + 8 + 16)]])
    let other = TwoTowerLedger(
      image: 0, of: contributions(layers: 2, heads: 2, factor: 3), text: 0,
      of: contributions(layers: 1, heads: 1, factor: -1))
    #expect(TwoTowerLedger(meanOf: [ledger, other]).sum == 2 * ledger.sum)
  }

  @Test func `needs the text tower, and says so where there is none`() throws {
    let evidence = try AblationGolden.read().evidence([9])
    let error = #expect(throws: TextTowerMissing.self) { try evidence.contributions(ofTexts: ["a cat"]) }
    #expect(try "\(#require(error))".contains("compiled into headatlas"))
  }
}
