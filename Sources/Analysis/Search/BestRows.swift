/// The few rows of many that rank highest: a summary of any part of the rows, which merges with those of other parts.
///
/// Ties go to the lower row, so that the result depends neither on the order in which rows were offered nor on how they
/// were split. A rank that is not a number is no rank.
public struct BestRows: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public let row: Int
    public let rank: Double

    func precedes(_ other: Entry) -> Bool { rank > other.rank || (rank == other.rank && row < other.row) }
  }
  /// How many are kept, at most.
  public let count: Int
  /// Best first.
  public private(set) var entries: [Entry] = []

  public init(count: Int) {
    self.count = max(count, 0)
  }

  /// No row with a lower rank gets in.
  public var threshold: Double {
    guard entries.count == count else { return -.infinity }
    return entries.last?.rank ?? .infinity
  }

  public mutating func insert(_ row: Int, rank: Double) {
    let entry = Entry(row: row, rank: rank)
    guard !rank.isNaN, count > 0, entries.count < count || entry.precedes(entries[count - 1]) else { return }
    if entries.count == count { entries.removeLast() }
    // All that precede the new one stand before all that do not.
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].precedes(entry) { low = middle + 1 } else { high = middle }
    }
    entries.insert(entry, at: low)
  }

  /// Takes in the best of other rows.
  public mutating func merge(_ other: BestRows) {
    for entry in other.entries { insert(entry.row, rank: entry.rank) }
  }
}

/// The places of the `count` largest numbers, largest first; ties go to the lower place.
public func indicesOfLargest(_ numbers: [Double], count: Int) -> [Int] {
  var best = BestRows(count: count)
  for (place, number) in numbers.enumerated() where number >= best.threshold { best.insert(place, rank: number) }
  return best.entries.map(\.row)
}
