import Analysis
import Attribution
import Diagnostics

/// What a head does, in words that are made of its evidence alone: the same wherever the site names the head.
struct Verdict {
  /// The property that the head varies with most, where that is beyond chance.
  let property: SiteContent.PropertyEntry?
  let label: String
  let summary: HeadSummary?

  /// The property, or else the label; nil where there is neither.
  var name: String? { property?.title ?? (isAmbiguous(label) ? nil : label) }

  /// The name, or that there is none.
  var words: String {
    name ?? (summary?.evidence.isEmpty ?? true ? label : "no property beyond chance")
  }

  /// How much of what the head writes varies along the property's words, beyond chance; nil where no property is.
  var strength: Double? { property == nil ? nil : summary?.strongest?.excess }
}

extension SiteContent.Model {
  /// - Parameter properties: those of the atlas.
  func verdict(of head: Head, among properties: [SiteContent.PropertyEntry]) -> Verdict {
    let summary = summary(of: head)
    let strongest = summary?.strongest
    return Verdict(
      property: strongest.flatMap { found in properties.first { $0.id == found.property } }, label: label(of: head),
      summary: summary)
  }

  func summary(of head: Head) -> HeadSummary? {
    let place = shape.index(of: head)
    return summaries.indices.contains(place) ? summaries[place] : nil
  }

  /// The head's place among all heads by the share of variance, 1 for the largest.
  fileprivate func rank(of summary: HeadSummary) -> Int { 1 + summaries.count { $0.variance > summary.variance } }
}

extension PageLead {
  /// The sentences under a head's name: its evidence beside chance, what lies at the ends of its first direction, how much of
  /// the model it is, and its label.
  func verdictSentences(_ head: Head, of model: SiteContent.Model, page: Address) -> Markup {
    let verdict = model.verdict(of: head, among: content.properties)
    guard let summary = verdict.summary else { return labelSentence(verdict, page: page) }
    let share = "\(fixed(summary.variance * 100, decimals: 1)) % of the variance of all heads"
    let place = "number \(model.rank(of: summary)) of \(model.summaries.count)"
    let size: Markup =
      "It has \(share) (\(place)), in about \(fixed(summary.effectiveRank, decimals: 1)) directions. "
    return """
      \(evidenceSentence(summary, page: page))\(endsSentence(summary))\(size)\(labelSentence(verdict, page: page))\(certainty(summary))
      """
  }

  private func evidenceSentence(_ summary: HeadSummary, page: Address) -> Markup? {
    let pieces = summary.evidencePieces
    guard !pieces.isEmpty else { return nil }
    let shown: [Markup] = pieces.map { piece in
      switch piece {
      case .words(let words): "\(words)"
      case .property(let id): link(to: .property(id), from: page, "\(content.properties.title(of: id))")
      }
    }
    return "\(shown) "
  }

  private func endsSentence(_ summary: HeadSummary) -> Markup? {
    guard summary.ends.count == 2 else { return nil }
    return "Along its first direction, images go from “\(summary.ends[1])” to “\(summary.ends[0])”. "
  }

  /// How often what is said in words comes back where images and candidate descriptions are drawn anew; nil where that is not known.
  private func certainty(_ summary: HeadSummary) -> Markup? {
    func percent(_ share: Double) -> String { "\(fixed(share * 100, decimals: 0)) %" }
    let pieces = [
      summary.descriptionStability.map { "its first description comes back in \(percent($0)) of draws" },
      summary.labelStability.map { "its label in \(percent($0))" },
    ].compactMap(\.self)
    guard !pieces.isEmpty else { return nil }
    return " With images and candidate descriptions drawn anew \(pieces.joined(separator: ", "))."
  }

  private func labelSentence(_ verdict: Verdict, page: Address) -> Markup {
    if isAmbiguous(verdict.label) { return "No label fits its descriptions: <i class=\"ambiguous\">ambiguous</i>." }
    return "Label: \(link(to: property(named: verdict.label), from: page, "\(verdict.label)"))."
  }
}

extension HeadSummary {
  /// A part of a sentence; a property's name is a link where there can be links.
  fileprivate enum Piece {
    case words(String)
    case property(String)
  }

  /// The sentence of a head's evidence beside chance; empty where nothing is known.
  fileprivate var evidencePieces: [Piece] {
    guard let first = evidence.first else { return [] }
    func percent(_ share: Double) -> String { "\(fixed(share * 100, decimals: 0)) %" }
    let chance = "chance reaches \(percent(first.chance))"
    guard first.isBeyondChance else {
      return [
        .words("No property is beyond chance: "), .property(first.property),
        .words(", the first, has \(percent(first.excess)) where \(chance)."),
      ]
    }
    let others = evidence.dropFirst().prefix(2).filter(\.isBeyondChance)
    let rest = others.enumerated().flatMap { place, found -> [Piece] in
      [.words(place == 0 ? "; then " : ", "), .property(found.property), .words(" \(percent(found.excess))")]
    }
    return [
      .words("\(percent(first.excess)) of what it writes varies along the words of "), .property(first.property),
      .words(", where \(chance)"),
    ] + rest + [.words(".")]
  }

  /// The same sentence without links; empty where nothing is known.
  func evidenceSentence(_ properties: [SiteContent.PropertyEntry]) -> String {
    evidencePieces.map { piece in
      switch piece {
      case .words(let words): words
      case .property(let id): properties.title(of: id)
      }
    }.joined()
  }
}

extension [SiteContent.PropertyEntry] {
  /// The title of a property, or its identifier where the atlas has none of it.
  func title(of id: String) -> String { first { $0.id == id }?.title ?? id }

  /// Two letters for each property, by its identifier: those of grids, where a name has no room.
  ///
  /// The first letter of the title and the first of the others that makes a pair that no property before it has.
  var codes: [String: String] {
    var codes: [String: String] = [:]
    for property in self {
      let letters = property.title.filter { $0.isLetter || $0.isNumber }
      guard let first = letters.first else { continue }
      let pairs =
        letters.dropFirst().map { first.uppercased() + $0.lowercased() } + (1...9).map { "\(first.uppercased())\($0)" }
      codes[property.id] = pairs.first { pair in !codes.values.contains(pair) } ?? first.uppercased()
    }
    return codes
  }
}
