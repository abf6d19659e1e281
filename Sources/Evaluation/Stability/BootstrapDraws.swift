/// What each bootstrap of a head draws: the same in every run, by the head's place alone.
package struct BootstrapDraws: Sendable {
  /// By bootstrap, how often it has each block of images; empty where there are fewer than `fewestBlocks`.
  package let images: [[Int]]
  /// By bootstrap, whether it has each candidate description.
  package let pools: [[Bool]]

  /// Bootstraps of each kind.
  package static let count = 100
  /// With fewer blocks of images too few bootstraps would differ.
  package static let fewestBlocks = 4

  /// - Parameters:
  ///   - place: of the head among all of its model.
  ///   - blocks: how many blocks of images there are; as many are drawn, with replacement.
  ///   - texts: how many candidate descriptions there are; as many are drawn, with replacement.
  package init(head place: Int, blocks: Int, texts: Int) {
    var numbers = SeededNumbers(seed: UInt64(2 * place))
    images = (0..<(blocks < Self.fewestBlocks ? 0 : Self.count)).map { _ in
      var counts = [Int](repeating: 0, count: blocks)
      for _ in 0..<blocks { counts[numbers.nextPlace(below: blocks)] += 1 }
      return counts
    }
    var others = SeededNumbers(seed: UInt64(2 * place + 1))
    pools = (0..<Self.count).map { _ in
      var isThere = [Bool](repeating: false, count: texts)
      for _ in 0..<texts { isThere[others.nextPlace(below: texts)] = true }
      return isThere
    }
  }
}

extension SeededNumbers {
  /// A whole number from 0 to `count` − 1: the upper half of a random number's product with `count`.
  mutating func nextPlace(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }
}
