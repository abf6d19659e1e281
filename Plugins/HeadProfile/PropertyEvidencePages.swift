import Analysis
import Attribution
import Diagnostics

/// The evidence for properties that needs no labels: what of a head's variance lies along each property's words.
extension ProfilePages {
  private static let measure = "share beyond chance"
  /// Heads on a property's page, and how many of them with images.
  private static let headsShown = 12
  private static let headsPictured = 2
  private static let imagesOfEnd = 4

  /// Whether any head has evidence, for or against.
  private var hasPropertyEvidence: Bool { evidence.heads.contains { $0.properties.contains { $0 != nil } } }

  /// The property of the highest excess, by its place, where that is beyond chance.
  private func strongestProperty(of head: HeadEvidence) -> (place: Int, share: PropertyShare)? {
    evidence.strongestProperty(of: head).flatMap { $0.share.isBeyondChance ? $0 : nil }
  }

  func propertyEvidenceSection(_ head: HeadEvidence) -> Section? {
    let known = zip(evidence.properties, head.properties).compactMap { property, share in
      share.map { (property: property, share: $0) }
    }.sorted { ($1.share.excess, $0.property.id) < ($0.share.excess, $1.property.id) }
    guard !known.isEmpty else { return nil }
    let strongest = strongestProperty(of: head).map { found in
      let title = evidence.properties[found.place].title
      return
        "\(title) has \(fixed(found.share.share * 100, decimals: 1)) %, by chance \(fixed(found.share.chance * 100, decimals: 1)) %."
    }
    let bars = Bars(
      caption:
        "Shares of its variance over \(counted(evidence.probe.imageCount, "probe image")). "
        + (strongest ?? "None is beyond chance."),
      unit: Self.measure, decimals: 3,
      items: known.map { property, share in
        Bars.Item(
          label: property.title, value: share.excess, link: .property(property.id), chance: share.highestByChance)
      })
    return section(
      evidence.subject(of: head.head), "What it varies with", order: 5, [.bars(bars)])
  }

  func propertyEvidenceModelSection() -> Section? {
    guard hasPropertyEvidence else { return nil }
    let strongest = evidence.heads.map(strongestProperty)
    let grid = HeadGrid(
      caption:
        "The property whose words each head varies along most, beyond chance; the table counts heads by property.",
      model: evidence.model, layers: evidence.shape.layers, heads: evidence.shape.heads, measure: Self.measure,
      isDiverging: false, values: strongest.map { $0?.share.excess },
      labels: strongest.map { $0.map { evidence.properties[$0.place].title } ?? "none" })
    return section(
      .model(evidence.model), "Properties by evidence", order: 5, [.headGrid(grid), .table(propertyEvidenceTable())])
  }

  /// A row for each property: how many heads have evidence of it, and which has most.
  private func propertyEvidenceTable() -> Table {
    let judged = evidence.heads.count { $0.properties.contains { $0 != nil } }
    let rows = evidence.properties.indices.compactMap { place -> [Cell]? in
      let ranked = heads(by: place)
      guard let best = ranked.first else { return nil }
      let property = evidence.properties[place]
      return [
        .link(property.title, .property(property.id)),
        .number(Double(ranked.count { $0.share.isBeyondChance }), decimals: 0),
        .number(Double(evidence.heads.count { strongestProperty(of: $0)?.place == place }), decimals: 0),
        .link(best.head.head.description, evidence.subject(of: best.head.head)),
        .number(best.share.excess, decimals: 3),
      ]
    }
    return Table(
      caption: "Heads whose variance along a property's words is beyond chance. Of each property, "
        + "\(fixed(Double(judged) * 0.025, decimals: 1)) of \(counted(judged, "head")) would be by chance alone.",
      columns: [
        .init("property"), .init("heads", note: "beyond chance", isNumeric: true),
        .init("strongest in", note: "heads whose strongest property it is", isNumeric: true), .init("strongest head"),
        .init(Self.measure, note: "of that head; 0 by chance, 1 for all", isNumeric: true),
      ], rows: rows)
  }

  /// The heads by their evidence of a property, the strongest first.
  private func heads(by place: Int) -> [(head: HeadEvidence, share: PropertyShare)] {
    evidence.heads.compactMap { head in head.properties[place].map { (head: head, share: $0) } }
      .sorted { ($1.share.excess, $0.head.head) < ($0.share.excess, $1.head.head) }
  }

  /// The heads that vary with a property most, with the images at both ends of the first of them.
  func propertyEvidenceSection(of property: Property) throws -> Section? {
    guard let place = evidence.properties.firstIndex(where: { $0.id == property.id }) else { return nil }
    let ranked = heads(by: place)
    guard !ranked.isEmpty else { return nil }
    let beyond = ranked.count { $0.share.isBeyondChance }
    let bars = Bars(
      caption: "How much of each head's variance lies along its words, beyond chance: 0 by chance, 1 for all. Of "
        + "\(counted(ranked.count, "head")) \(beyond) are beyond chance, where "
        + "\(fixed(Double(ranked.count) * 0.025, decimals: 1)) would be with words that mean nothing to the model.",
      unit: Self.measure, decimals: 3,
      items: ranked.prefix(Self.headsShown).map { head, share in
        Bars.Item(
          label: head.head.description, value: share.excess, link: evidence.subject(of: head.head),
          note: property.heads.contains(head.head) ? "so labelled" : nil, chance: share.highestByChance)
      })
    let strips = try ranked.prefix(Self.headsPictured).filter { $0.share.isBeyondChance }.compactMap {
      try ends(of: $0.head)
    }
    return section(.property(property.id), "Heads that vary with it", order: 5, [.bars(bars)] + strips)
  }

  /// The images at both ends of a head's first direction; nil where it has none.
  private func ends(of head: HeadEvidence) throws -> Block? {
    let found = try evidence.images(along: head, directions: 1, ends: Self.imagesOfEnd, middle: 0)
    guard let images = found.first, !images.high.isEmpty else { return nil }
    let numbers = decimals(for: (images.high + images.low).map(\.projection))
    func items(_ images: [DirectionImages.Item], _ badge: String) -> [ImageStrip.Item] {
      images.map { item in
        .init(
          image: evidence.probe.items[item.row].reference, values: [.init("at", item.projection, decimals: numbers)],
          badge: badge)
      }
    }
    return .imageStrip(
      ImageStrip(
        caption:
          "\(head.head), both ends of its first direction over \(counted(evidence.probe.items.count, "probe image"))",
        items: items(images.high, "most") + items(images.low, "least")))
  }

  /// What commentary may claim.
  func propertyEvidenceValues() -> [String: String] {
    var values: [String: String] = [:]
    for head in evidence.heads where head.properties.contains(where: { $0 != nil }) {
      let path = evidence.subject(of: head.head).path
      if !head.propertySet.isEmpty {
        values["\(path)/property-set"] = head.propertySet.map { evidence.properties[$0].title }.joined(separator: ", ")
      }
      values["\(path)/property"] =
        strongestProperty(of: head).map { evidence.properties[$0.place].title } ?? "none"
      for (property, share) in zip(evidence.properties, head.properties) {
        values["\(path)/evidence/\(property.id)"] = share.map { fixed($0.excess, decimals: 2) }
      }
    }
    return values
  }
}
