import Files

/// Cuts 0 ..< `count` into runs whose ends are chosen by what stands there.
///
/// A run ends where its weight reaches `most`, or, once it has reached `least`, at the first member whose mark is a multiple of
/// `spread`. So where one member is changed, added or taken away, the runs around it change and all others stay what they
/// were, which no cut at fixed places gives.
/// - Parameter spread: about how many members a run goes on for after it has reached `least`.
package func contentCuts(
  _ count: Int, least: Int, most: Int, spread: Int, weight: (Int) -> Int = { _ in 1 }, mark: (Int) -> UInt64
) -> [Range<Int>] {
  var runs: [Range<Int>] = []
  var (start, sum) = (0, 0)
  for place in 0..<count {
    sum += weight(place)
    let isEnd = sum >= most || (sum >= least && mark(place) % UInt64(max(2, spread)) == 0)
    guard isEnd || place == count - 1 else { continue }
    runs.append(start..<place + 1)
    (start, sum) = (place + 1, 0)
  }
  return runs
}

/// The batches that texts are encoded in, of about as many tokens as keep the products near their peak.
///
/// The number of a text's tokens is guessed from that of its bytes, so that texts whose embeddings are kept need not be
/// tokenised.
func textBatches(_ texts: [String]) -> [Range<Int>] {
  contentCuts(
    texts.count, least: 640, most: 1536, spread: 40, weight: { min(77, 2 + texts[$0].utf8.count / 5) },
    mark: { scattered(texts[$0]) })
}

/// A number that differs in all its bits between texts that differ in one: FNV-1a, folded.
private func scattered(_ text: String) -> UInt64 {
  let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  return hash >> 32 ^ hash & 0xffff_ffff
}

/// Divides items that follow each other into `count` groups of nearly equal weight, of which some may be empty.
///
/// Group g ends with the item in which the share g+1 of the whole ends, so that an end moves only where the items around it
/// change.
/// - Parameter ends: the weight up to the end of each item; each item has some.
package func evenGroups(_ ends: [Int], count: Int) -> [Range<Int>] {
  let total = ends.last ?? 0
  var start = 0
  return (1...max(count, 1)).map { group in
    let first = start
    while start < ends.count, (start > 0 ? ends[start - 1] : 0) * count < total * group { start += 1 }
    return first..<start
  }
}

/// SHA-256 of texts, a line each.
func joinedDigest(_ texts: some Sequence<String>) -> String {
  var digest = JoinedDigest(separator: "\n")
  for text in texts { digest.add(text) }
  return digest.hexDigest
}
