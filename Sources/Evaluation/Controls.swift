import Foundation

/// Random numbers that are the same in every run: splitmix64.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number with mean 0 and standard deviation 1, close enough to a bell: the sum of four uniform numbers.
  package mutating func bell() -> Double {
    (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &self) } * 0.75.squareRoot()
  }
}

/// What a figure must beat before it says anything.
package enum Control {
  /// A map that knows only that objects stand in the middle of images: a bell around the centre, with a standard
  /// deviation of a quarter of the side, 1 at its top; `[P]`.
  package static func centrePrior(gridSide: Int) -> [Float] {
    let centre = Double(gridSide - 1) / 2
    let width = Double(gridSide) / 4
    return (0..<gridSide * gridSide).map { patch in
      let (row, column) = (Double(patch / gridSide) - centre, Double(patch % gridSide) - centre)
      return Float(exp(-(row * row + column * column) / (2 * width * width)))
    }
  }

  /// A map of independent uniform numbers, 0 to 1; `[P]`.
  package static func randomMap(gridSide: Int, seed: UInt64) -> [Float] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<gridSide * gridSide).map { _ in Float(numbers.next() >> 40) / Float(1 << 24) }
  }

  /// `count` different ones of `items`, be they heads, texts or places, in ascending order; all of them where there are
  /// not so many.
  package static func draw<Item: Comparable>(_ count: Int, of items: [Item], seed: UInt64) -> [Item] {
    var numbers = SeededNumbers(seed: seed)
    let drawn = items.sorted().map { (number: numbers.next(), item: $0) }.sorted { $0.number < $1.number }
    return drawn.prefix(max(count, 0)).map(\.item).sorted()
  }
}
