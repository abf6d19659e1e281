/// What a head is said to respond to.
public enum Label: Sendable, Hashable, Codable {
  /// A declared property, by its identifier.
  case property(String)
  /// Words that name no declared property.
  case text(String)
  /// The head has no clear property, or nobody labelled it.
  case ambiguous

  /// How an ambiguous label is shown and written.
  public static let ambiguousTitle = "ambiguous"
}

/// Who gave a label.
public enum LabelSource: String, Sendable, Hashable, Codable {
  case byHand = "by hand"
  case inContext = "in context"
  /// A language model, whose replies are kept, or a file of labels from elsewhere.
  case byModel = "by a model"
  /// Neither a hand nor an example was there to label the head.
  case unlabelled
}

/// The declared properties by the names that labels may give them.
///
/// A label is resolved here, once, and nowhere else.
public struct PropertyNames: Sendable {
  private let idsByName: [String: String]
  private let titles: [String: String]

  /// - Parameter properties: identifier and title of each; where two share a name the first has it.
  public init(_ properties: [(id: String, title: String)]) {
    var ids: [String: String] = [:]
    for property in properties {
      for name in [property.id, property.title] where ids[Self.key(name)] == nil { ids[Self.key(name)] = property.id }
    }
    idsByName = ids
    titles = Dictionary(properties.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
  }

  /// The label that a text names: a property by its identifier or title, whatever the case, in the singular or the plural;
  /// ambiguous where the text is empty or says so.
  public func label(_ text: String) -> Label {
    let key = Self.key(text)
    if key.isEmpty || key == Self.key(Label.ambiguousTitle) { return .ambiguous }
    return idsByName[key].map(Label.property) ?? .text(text)
  }

  /// How a label is shown.
  public func title(of label: Label) -> String {
    switch label {
    case .property(let id): titles[id] ?? id
    case .text(let text): text
    case .ambiguous: Label.ambiguousTitle
    }
  }

  /// The titles of all properties.
  public var allTitles: [String] { titles.values.sorted() }

  /// What two spellings of one name share: small letters, no space around or twice, and no plural.
  private static func key(_ name: String) -> String {
    let words = name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if words.hasSuffix("ies"), words.count > 4 { return words.dropLast(3) + "y" }
    return words.hasSuffix("s") && !words.hasSuffix("ss") && words.count > 3 ? String(words.dropLast()) : words
  }
}
