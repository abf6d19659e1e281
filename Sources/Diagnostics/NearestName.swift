/// The candidate that takes the fewest changes of a letter to become `name`, without regard to case, if few enough for
/// a slip: at most a third of the letters, or two.
///
/// The first in alphabetical order among equals; nil where none is near.
///
/// Takes time in the product of the lengths, of which only the first 200 letters count.
package func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
  let letters = Array(name.lowercased().prefix(longestCompared))
  let limit = max(2, letters.count / 3)
  var best: (distance: Int, name: String)?
  for candidate in candidates where !candidate.isEmpty {
    let other = Array(candidate.lowercased().prefix(longestCompared))
    guard abs(other.count - letters.count) <= limit else { continue }
    let distance = editDistance(letters, other)
    if distance <= limit, best.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
      best = (distance, candidate)
    }
  }
  return best?.name
}

private let longestCompared = 200

/// Levenshtein's distance, with the exchange of neighbours as one change.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var (before, previous) = ([Int](), Array(0...right.count))
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      var least = min(previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
        least = min(least, before[column - 1] + 1)
      }
      current.append(least)
    }
    (before, previous) = (previous, current)
  }
  return previous[right.count]
}
