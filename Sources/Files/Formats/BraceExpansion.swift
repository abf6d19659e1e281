/// The names that a pattern stands for, as shells and webdataset expand braces: `{000..012}` for numbers, of one width where
/// they begin with a zero, and `{a,b}` for a choice; itself alone where it has none.
///
/// - Returns: nil where they are more than `limit`.
package func bracesExpanded(_ pattern: String, limit: Int = 100_000) -> [String]? {
  var names = [""]
  var rest = pattern[...]
  while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
    let inside = rest[rest.index(after: open)..<close]
    guard let choices = choices(inside, limit: limit) else { return nil }
    // Braces around anything else are letters like others.
    let parts = choices.isEmpty ? ["{\(inside)}"] : choices
    guard names.count * parts.count <= limit else { return nil }
    let before = rest[..<open]
    names = names.flatMap { name in parts.map { name + before + $0 } }
    rest = rest[rest.index(after: close)...]
  }
  return names.map { $0 + rest }
}

/// What the inside of braces stands for: nothing where it is neither numbers nor a choice, nil where it is too much.
private func choices(_ inside: Substring, limit: Int) -> [String]? {
  let bounds = inside.split(separator: "..", omittingEmptySubsequences: false)
  if bounds.count == 2, let first = number(bounds[0]), let last = number(bounds[1]) {
    guard abs(last - first) < limit else { return nil }
    let isPadded = bounds.contains { $0.count > 1 && $0.hasPrefix("0") }
    let width = isPadded ? max(bounds[0].count, bounds[1].count) : 0
    return stride(from: first, through: last, by: first <= last ? 1 : -1).map { number in
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
  }
  return inside.contains(",") ? inside.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : []
}

/// At most twelve digits, and nothing else.
private func number(_ digits: Substring) -> Int? {
  digits.utf8.count <= 12 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
}
