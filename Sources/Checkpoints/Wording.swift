/// Text from a file made fit for one line: quoted, shortened, without control characters.
package func quoted(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(120).map { scalar -> String in
    scalar.properties.generalCategory == .control || scalar == "\"" || scalar == "\\"
      ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return "\"" + shown.joined() + (text.unicodeScalars.count > 120 ? "…" : "") + "\""
}

/// The name that differs least from `name`; nil where none is close.
package func nearestName(to name: String, in names: some Collection<String>) -> String? {
  let wanted = Array(name.utf8)
  let ranked = names.map { (name: $0, distance: editDistance(wanted, Array($0.utf8))) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(2, wanted.count / 3) else {
    return nil
  }
  return best.name
}

/// Levenshtein's distance.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var previous = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var current = [i + 1]
    for (j, right) in b.enumerated() {
      current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left == right ? 0 : 1)))
    }
    previous = current
  }
  return previous[b.count]
}
