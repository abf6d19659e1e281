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
}

/// What a figure must beat before it says anything.
package enum Control {
  /// A map that knows only that objects stand in the middle of pictures: a bell around the centre, with a standard
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

  /// `count` different heads out of `heads`, in ascending order; all of them where there are not so many.
  package static func randomHeads<Head: Comparable>(_ count: Int, of heads: [Head], seed: UInt64) -> [Head] {
    var numbers = SeededNumbers(seed: seed)
    let drawn = heads.sorted().map { (number: numbers.next(), head: $0) }.sorted { $0.number < $1.number }
    return drawn.prefix(max(count, 0)).map(\.head).sorted()
  }
}
