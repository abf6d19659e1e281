import Analysis

/// Which images of a database share a fact with a query: where the query shows a red thing, those that show one too.
///
/// An image with several objects shares the fact if any value of the one is a value of the other.
package struct FactSharing: Sendable {
  package let fact: String
  /// The queries that have the fact, as indices into all queries.
  package let queries: [Int]
  /// Per image of the database, which set of values it has.
  private let sets: [Int32]
  /// Per query, whether it shares a value with each set, `[queries][sets]`.
  private let isShared: [[Bool]]

  /// - Returns: nil where no query or no image of the database has the fact.
  package init?(fact: String, queries: some Collection<SceneFacts>, database: some Collection<SceneFacts>) {
    let wanted = queries.map { Set($0.values(of: fact)) }
    var places: [Set<String>: Int32] = [:]
    var found: [Set<String>] = []
    sets = database.map { facts in
      let values = Set(facts.values(of: fact))
      if let place = places[values] { return place }
      let place = Int32(found.count)
      places[values] = place
      found.append(values)
      return place
    }
    self.fact = fact
    self.queries = wanted.indices.filter { !wanted[$0].isEmpty }
    guard !self.queries.isEmpty, found.contains(where: { !$0.isEmpty }) else { return nil }
    isShared = self.queries.map { query in found.map { !$0.isDisjoint(with: wanted[query]) } }
  }

  /// The precision that images drawn at random have, exactly: the share of the database that shares the fact with a
  /// query, mean over queries.
  package var chance: Double {
    var counts = [Int](repeating: 0, count: isShared.first?.count ?? 0)
    for set in sets { counts[Int(set)] += 1 }
    return mean(isShared.map { Double(zip(counts, $0).reduce(0) { $1.1 ? $0 + $1.0 : $0 }) / Double(sets.count) })
  }

  /// The share of a query's neighbours that share the fact with it, mean over queries; a query without neighbours
  /// counts as 0.
  ///
  /// - Parameter neighbours: for all queries, places in the database.
  package func precision(_ neighbours: [[Int]]) -> Double {
    mean(
      zip(queries, isShared).map { query, isShared in
        let found = neighbours[query]
        return found.isEmpty ? 0 : Double(found.count { isShared[Int(sets[$0])] }) / Double(found.count)
      })
  }
}

extension FactSharing {
  /// The precision that the best of some heads has if each names `count` images at random per query: what luck alone
  /// gives a best head.
  ///
  /// The mean of 20 trials, with a fixed seed.
  package func bestByChance(heads: Int, count: Int) -> Double {
    let trials = 20
    var numbers = SeededNumbers(seed: 0)
    return mean(
      (0..<trials).map { _ in
        (0..<heads).reduce(0.0) { best, _ in max(best, randomPrecision(count, &numbers)) }
      })
  }

  private func randomPrecision(_ count: Int, _ numbers: inout SeededNumbers) -> Double {
    let hits = isShared.reduce(0) { sum, isShared in
      sum + (0..<count).count { _ in isShared[Int(sets[Int.random(in: sets.indices, using: &numbers)])] }
    }
    return Double(hits) / Double(count * isShared.count)
  }
}

/// The mean, 0 of nothing.
func mean(_ numbers: [Double]) -> Double {
  numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count)
}
