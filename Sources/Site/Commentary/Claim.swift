import Diagnostics

/// What stands between double braces in commentary: a measured value, a sentence that must be true, or a table.
struct Claim: Sendable {
  enum Kind: Sendable {
    /// `{{value KEY}}`: the value is printed.
    case value(key: String)
    /// `{{check KEY > 0.5}}`: nothing is printed, and the build fails where it is false.
    case check(Check)
    /// `{{table FILE.csv Caption}}`, on a line of its own.
    case table(file: String, caption: String)
  }

  let kind: Kind
  /// Of the file, from 1.
  let line: Int
  /// As it is written.
  let source: String

  /// The keys of the values that it needs.
  var keys: [String] {
    switch kind {
    case .value(let key): [key]
    case .check(let check): check.keys
    case .table: []
    }
  }
}

/// A comparison of a value with a number, a text or another value.
struct Check: Sendable {
  enum Comparison: String, Sendable, CaseIterable {
    case less = "<", atMost = "<=", more = ">", atLeast = ">=", equal = "=", unequal = "!="
  }
  enum Operand: Sendable {
    case number(Double)
    case text(String)
    case key(String)
  }

  let key: String
  let comparison: Comparison
  let operand: Operand

  /// - Parameter text: what follows the word `check`; nil where it is no comparison.
  init?(_ text: Substring) {
    let words = text.split(separator: " ")
    guard
      let place = words.firstIndex(where: { word in Comparison.allCases.contains { $0.rawValue == word } }),
      let comparison = Comparison(rawValue: String(words[place])), place > 0, place + 1 < words.count
    else { return nil }
    let right = words[(place + 1)...].joined(separator: " ")
    key = words[..<place].joined(separator: " ")
    self.comparison = comparison
    if let number = measuredNumber(right) {
      operand = .number(number)
    } else if right.count > 1, right.hasPrefix("\""), right.hasSuffix("\"") {
      operand = .text(String(right.dropFirst().dropLast()))
    } else {
      operand = .key(right)
    }
  }

  var keys: [String] {
    if case .key(let other) = operand { [key, other] } else { [key] }
  }

  /// What is wrong with the comparison, in words; nil where it is true.
  /// - Parameter value: the value of a key, as it is printed.
  func problem(_ value: (String) -> String) -> String? {
    let left = value(key)
    let right =
      switch operand {
      case .number(let number): "\(number)"
      case .text(let text): text
      case .key(let other): value(other)
      }
    let numbers: (Double, Double)? =
      if case .text = operand {
        nil
      } else if let first = measuredNumber(left), let second = measuredNumber(right) {
        (first, second)
      } else {
        nil
      }
    guard numbers != nil || comparison == .equal || comparison == .unequal else {
      let text = measuredNumber(left) == nil ? left : right
      return "\(comparison.rawValue) compares numbers, and \(quoted(text)) is none"
    }
    let isTrue =
      if let (first, second) = numbers {
        switch comparison {
        case .less: first < second
        case .atMost: first <= second
        case .more: first > second
        case .atLeast: first >= second
        case .equal: first == second
        case .unequal: first != second
        }
      } else {
        comparison == .equal ? left == right : left != right
      }
    if isTrue { return nil }
    let other = if case .key(let name) = operand { ", and \(name) is \(quoted(right))" } else { "" }
    return "is false: \(key) is \(quoted(left))\(other)"
  }
}

/// The number that a text is, such as `0.5`, `−3` or `12 %`, which is 0.12; nil for any other text.
private func measuredNumber(_ text: String) -> Double? {
  let isPercentage = text.hasSuffix("%")
  let digits = isPercentage ? String(text.dropLast()) : text
  let plain = digits.replacing("\u{2212}", with: "-").filter { $0 != " " && $0 != "\u{A0}" && $0 != "\u{202F}" }
  guard let number = Double(plain), number.isFinite else { return nil }
  return isPercentage ? number / 100 : number
}

// MARK: Finding them

/// Commentary with marks in place of its claims.
struct MarkedProse {
  /// The text with marks, its lines as before.
  ///
  /// The Markdown reader leaves marks unchanged, so that no character of a value can be read as Markdown.
  private(set) var text = ""
  private(set) var claims: [Claim] = []
  /// Claims that cannot be read, each with its line.
  private(set) var problems: [(line: Int, words: String)] = []

  /// - Parameter firstLine: the number of the first line of the text in its file.
  init(_ source: Substring, firstLine: Int) {
    var rest = source.replacing("\u{E000}", with: "\u{FFFD}").replacing("\u{E001}", with: "\u{FFFD}")[...]
    var line = firstLine
    while let start = rest.firstRange(of: "{{") {
      let before = rest[..<start.lowerBound]
      text += before
      line += before.utf8.count { $0 == UInt8(ascii: "\n") }
      rest = rest[start.lowerBound...]
      guard let word = Self.words.first(where: { rest.dropFirst(2).hasPrefix($0) }) else {
        text += "{{"
        rest = rest.dropFirst(2)
        continue
      }
      rest = add(rest, word: word, line: line)
    }
    text += rest
  }

  private static let words = ["value", "check", "table"]

  /// Reads the claim that a text begins with.
  /// - Returns: what follows it.
  private mutating func add(_ rest: Substring, word: String, line: Int) -> Substring {
    guard let end = Self.endOfClaim(rest) else {
      let source = rest.prefix { !$0.isNewline }
      addProblem(String(source), line)
      return rest.dropFirst(source.count)
    }
    let source = String(rest[..<end])
    let inside = rest[..<end].dropFirst(2 + word.count).dropLast(2)
    let after = rest[end...]
    let isAlone = (text.last { $0 != " " }?.isNewline ?? true) && (after.first { $0 != " " }?.isNewline ?? true)
    guard inside.first == " ", let kind = Self.kind(word, inside, isAlone: isAlone) else {
      addProblem(source, line)
      return after
    }
    text += "\u{E000}\(claims.count)\u{E001}"
    claims.append(Claim(kind: kind, line: line, source: source))
    return after
  }

  private static func kind(_ word: String, _ inside: Substring, isAlone: Bool) -> Claim.Kind? {
    let parts = inside.split(separator: " ")
    switch word {
    case "value": return .value(key: parts.joined(separator: " "))
    case "check": return Check(inside).map { .check($0) }
    default:
      guard isAlone, let file = parts.first else { return nil }
      return .table(file: String(file), caption: parts.dropFirst().joined(separator: " "))
    }
  }

  private mutating func addProblem(_ source: String, _ line: Int) { problems.append((line, notAClaim(source))) }

  /// The place after the first `}}` on the line that `text` begins in; nothing after that line is looked at.
  private static func endOfClaim(_ text: Substring) -> Substring.Index? {
    var place = text.startIndex
    while place < text.endIndex, !text[place].isNewline {
      let next = text.index(after: place)
      if text[place] == "}", next < text.endIndex, text[next] == "}" { return text.index(after: next) }
      place = next
    }
    return nil
  }
}

/// The words for something between braces that is no claim, or that stands where none can.
func notAClaim(_ source: String) -> String {
  "\(quoted(source)) is not a claim; expected {{value KEY}} in running text, not in an address, {{check KEY > 0.5}}, or "
    + "{{table FILE.csv Caption}} between empty lines"
}

/// A part of text between marks, or the claim that a mark stands for.
enum MarkedPart {
  case text(String)
  /// - isAlone: whether the mark was a paragraph of its own, whose tags are taken away.
  case claim(Int, isAlone: Bool)
}

/// The parts of text with marks; every mark of a number below `count` becomes a claim.
///
/// One pass, whatever the number of claims; by scalars, since `&#x301;` may follow a mark.
func markedParts(of text: String, count: Int) -> [MarkedPart] {
  var parts: [MarkedPart] = []
  var before = String.UnicodeScalarView()
  var rest = text.unicodeScalars[...]
  while let start = rest.firstIndex(of: "\u{E000}") {
    before.append(contentsOf: rest[..<start])
    rest = rest[start...].dropFirst()
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard rest[digits.endIndex...].first == "\u{E001}", let number = Int(String(digits)), number < count else {
      before.append("\u{E000}")
      continue
    }
    rest = rest[digits.endIndex...].dropFirst()
    let isAlone = before.suffix(3).elementsEqual("<p>".unicodeScalars) && rest.starts(with: "</p>".unicodeScalars)
    if isAlone {
      before.removeLast(3)
      rest = rest.dropFirst(4)
    }
    parts += [.text(String(before)), .claim(number, isAlone: isAlone)]
    before = String.UnicodeScalarView()
  }
  before.append(contentsOf: rest)
  return parts + [.text(String(before))]
}
