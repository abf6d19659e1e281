import Foundation

/// What a figure must beat before it says anything.
public enum Control {
  /// A map that knows only that objects stand in the middle of images: a Gaussian around the centre, with a standard
  /// deviation of a quarter of the side, 1 at its top; `[P]`.
  public static func centrePrior(gridSide: Int) -> [Float] {
    let centre = Double(gridSide - 1) / 2
    let width = Double(gridSide) / 4
    return (0..<gridSide * gridSide).map { patch in
      let (row, column) = (Double(patch / gridSide) - centre, Double(patch % gridSide) - centre)
      return Float(exp(-(row * row + column * column) / (2 * width * width)))
    }
  }

  /// A map of independent uniform numbers, 0 to 1; `[P]`.
  public static func randomMap(gridSide: Int, seed: UInt64) -> [Float] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<gridSide * gridSide).map { _ in Float(numbers.next() >> 40) / Float(1 << 24) }
  }

  /// `count` different ones of `items`, be they heads, texts or places, in ascending order; all of them where there are
  /// not so many.
  public static func draw<Item: Comparable>(_ count: Int, of items: [Item], seed: UInt64) -> [Item] {
    var numbers = SeededNumbers(seed: seed)
    let drawn = items.sorted().map { (number: numbers.next(), item: $0) }
    // Few of many are the lowest of a part of all numbers, which is faster to sort.
    let share = Double(min(count, items.count) + 16) * 2 / Double(max(items.count, 1))
    let few = share < 1 ? drawn.filter { Double($0.number) < share * 0x1p64 } : drawn
    let sorted = (few.count >= count ? few : drawn).sorted { $0.number < $1.number }
    return sorted.prefix(max(count, 0)).map(\.item).sorted()
  }
}
