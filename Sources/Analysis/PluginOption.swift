/// Something that a plugin lets its user choose in `atlas.yml`.
public struct PluginOption: Sendable, Codable, Hashable {
  /// What may be chosen, and what is where nothing is.
  public enum Kind: Sendable, Codable, Hashable {
    case number(default: Int, range: ClosedRange<Int>)
    /// Any text where there are no choices.
    case text(default: String, choices: [String])
    case isOn(default: Bool)
    case texts(default: [String])
    /// A file of the user's; no file where nothing is chosen.
    case file
  }
  public let name: String
  public let summary: String
  public let kind: Kind

  public init(name: String, summary: String, kind: Kind) {
    self.name = name
    self.summary = summary
    self.kind = kind
  }

  /// A whole number.
  public init(name: String, summary: String, default defaultValue: Int, range: ClosedRange<Int>) {
    self.init(name: name, summary: summary, kind: .number(default: defaultValue, range: range))
  }

  public var defaultValue: OptionValue {
    switch kind {
    case .number(let value, _): .number(value)
    case .text(let value, _): .text(value)
    case .isOn(let value): .isOn(value)
    case .texts(let values): .texts(values)
    case .file: .file(nil)
    }
  }

  /// What may be chosen, in words.
  public var choices: String {
    switch kind {
    case .number(_, let range): "\(range.lowerBound) to \(range.upperBound)"
    case .text(_, let choices): choices.isEmpty ? "a text" : choices.joined(separator: " or ")
    case .isOn: "true or false"
    case .texts: "a list of texts"
    case .file: "a file"
    }
  }
}

/// The value of an option.
public enum OptionValue: Sendable, Hashable, ExpressibleByIntegerLiteral {
  case number(Int)
  case text(String)
  case isOn(Bool)
  case texts([String])
  /// The path of a file; nil where none was chosen.
  case file(String?)

  public init(integerLiteral number: Int) { self = .number(number) }

  /// The value as it is shown.
  public var words: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): text
    case .isOn(let isOn): "\(isOn)"
    case .texts(let texts): texts.joined(separator: ", ")
    case .file(let path): path ?? "none"
    }
  }
}

extension OptionValue: Encodable {
  /// A number, a text, a truth value, a list, or null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .isOn(let isOn): try container.encode(isOn)
    case .texts(let texts): try container.encode(texts)
    case .file(let path): try container.encode(path)
    }
  }
}
