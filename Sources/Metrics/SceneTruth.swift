/// What is true of one picture: facts of its scene and of each of its objects, by name.
///
/// Which facts there are is up to who made the pictures: nothing here knows a name.
package struct SceneFacts: Sendable, Equatable {
  package let scene: [String: String]
  package let objects: [[String: String]]

  package init(scene: [String: String] = [:], objects: [[String: String]] = []) {
    self.scene = scene
    self.objects = objects
  }

  /// The scene's value of a fact, or else the values of the objects that have one, in their order; empty where the
  /// picture has none.
  package func values(of fact: String) -> [String] {
    scene[fact].map { [$0] } ?? objects.compactMap { $0[fact] }
  }

  /// The names of all facts of some pictures, sorted.
  package static func names(in pictures: [SceneFacts]) -> [String] {
    Set(pictures.flatMap { $0.scene.keys + $0.objects.flatMap(\.keys) }).sorted()
  }
}

/// Which pictures of a database share a fact with a query: where the query shows a red thing, those that show one too.
/// A picture with several objects shares the fact if any value of the one is a value of the other.
package struct FactSharing: Sendable {
  package let fact: String
  /// The queries that have the fact, as indices into all queries.
  package let queries: [Int]
  /// `[queries][N]`
  private let isShared: [[Bool]]

  /// - Returns: nil where no query or no picture of the database has the fact.
  package init?(fact: String, queries: [SceneFacts], database: [SceneFacts]) {
    let wanted = queries.map { Set($0.values(of: fact)) }
    let found = database.map { Set($0.values(of: fact)) }
    self.fact = fact
    self.queries = wanted.indices.filter { !wanted[$0].isEmpty }
    guard !self.queries.isEmpty, found.contains(where: { !$0.isEmpty }) else { return nil }
    isShared = self.queries.map { query in found.map { !$0.isDisjoint(with: wanted[query]) } }
  }

  /// The precision that pictures drawn at random have, exactly: the share of the database that shares the fact with a
  /// query, mean over queries.
  package var chance: Double {
    mean(isShared.map { Double($0.count { $0 }) / Double($0.count) })
  }

  /// The share of a query's neighbours that share the fact with it, mean over queries; a query without neighbours
  /// counts as 0.
  ///
  /// - Parameter neighbours: for all queries, places in the database.
  package func precision(_ neighbours: [[Int]]) -> Double {
    mean(
      zip(queries, isShared).map { query, isShared in
        let found = neighbours[query]
        return found.isEmpty ? 0 : Double(found.count { isShared[$0] }) / Double(found.count)
      })
  }
}

extension FactSharing {
  /// The precision that the best of some heads has if each names `count` pictures at random per query: what luck alone
  /// gives a best head. The mean of 20 trials, with a fixed seed.
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
      sum + (0..<count).count { _ in isShared[Int.random(in: isShared.indices, using: &numbers)] }
    }
    return Double(hits) / Double(count * isShared.count)
  }
}

/// The mean, 0 of nothing.
func mean(_ numbers: [Double]) -> Double {
  numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count)
}
