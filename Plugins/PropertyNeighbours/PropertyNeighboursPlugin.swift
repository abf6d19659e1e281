import Analysis
import Attribution
import Diagnostics
import Tensors

/// Which probe images are alike in one property, by the mean of the heads that carry it.
public struct PropertyNeighboursPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "property-neighbours", title: "Neighbours by property", version: "2.1.0",
    summary: "For one property and one image, the probe images most alike in that property.",
    options: [
      PluginOption(name: "count", summary: "neighbours per image and ranking", default: 3, range: 1...12),
      PluginOption(name: "images", summary: "gallery images on a property's page", default: 10, range: 1...60),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    let images = try manifest.value(of: "images", in: options)
    guard !evidence.gallery.items.isEmpty, !evidence.probe.items.isEmpty else { return [] }
    let page = PropertyPages(evidence: evidence)
    let answers = try evidence.properties.filter { !$0.heads.isEmpty }.map { try page.answers(of: $0, count: count) }
    let missing = evidence.properties.filter(\.heads.isEmpty).map(page.missingSection)
    guard !answers.isEmpty else { return missing }
    return missing + answers.map { page.propertySection($0, images: images) }
      + evidence.gallery.items.indices.map { page.imageSection($0, answers) } + [page.modelSection(answers)]
  }
}

/// The neighbours of every gallery image in one property.
struct PropertyAnswers {
  let property: Property
  /// An array of shape `[G]`.
  let neighbours: [NeighbourLists]

  /// The mean share of neighbours that both rankings name.
  var agreement: Double {
    let shares = neighbours.map { lists in
      let shared = Set(lists.byDot.map(\.row)).intersection(lists.byCosine.map(\.row)).count
      return Double(shared) / Double(max(lists.byDot.count, 1))
    }
    return shares.reduce(0, +) / Double(max(shares.count, 1))
  }
}

struct PropertyPages {
  let evidence: ModelEvidence

  func answers(of property: Property, count: Int) throws -> PropertyAnswers {
    let images = try evidence.gallery.contributions.meanContributions(of: property.heads, block: 0)  // [G, E]
    let index = try NeighbourIndex(
      meanOf: property.heads, of: evidence.probe.features, name: "property \(property.id)")
    let queries = (0..<images.rows).map { index.query(image: images.row($0)) }
    return PropertyAnswers(
      property: property, neighbours: try index.nearest(to: queries, count: count + 1).map { $0.others(count) })
  }

  /// For some images of the gallery, evenly spaced; the page of each image has its own.
  func propertySection(_ answers: PropertyAnswers, images: Int) -> Section {
    let all = evidence.gallery.items.count
    let shown = (0..<min(images, all)).map { $0 * all / min(images, all) }
    let strips = shown.map { strip(answers, $0, "“\(evidence.gallery.items[$0].title)”", isShown: true) }
    return section(
      .property(answers.property.id), "Images alike in this property",
      introduction(answers.property.heads, shown: shown.count), strips)
  }

  func missingSection(_ property: Property) -> Section {
    section(
      .property(property.id), "Images alike in this property",
      "No head of this model is labelled with it, and neighbours are looked for by the heads that are.", [])
  }

  func imageSection(_ image: Int, _ answers: [PropertyAnswers]) -> Section {
    let strips = answers.map { answers in
      let heads = counted(answers.property.heads.count, "head")
      return strip(answers, image, "\(answers.property.title), mean of \(heads)", isShown: false)
    }
    let text = """
      Probe images most like this one in one property at a time: each image is compared by the mean of what the \
      property's heads write for it. \(explanation)
      """
    return section(evidence.subject(of: GalleryIndex(image)), "Neighbours by property", text, strips)
  }

  func modelSection(_ answers: [PropertyAnswers]) -> Section {
    let rows: [[Cell]] = answers.map { answers in
      [
        .link(answers.property.title, .property(answers.property.id)),
        .number(Double(answers.property.heads.count), decimals: 0),
        .number(distinct(answers.neighbours.map(\.byDot)), decimals: 0),
        .number(distinct(answers.neighbours.map(\.byCosine)), decimals: 0),
        .number(answers.agreement, decimals: 2),
      ]
    }
    let neighbours = answers[0].neighbours.first?.byDot.count ?? 0
    let table = Table(
      caption: """
        Neighbours by property: \(neighbours) nearest of \(evidence.probe.items.count) probe images for each of \
        \(counted(evidence.gallery.items.count, "gallery image"))
        """,
      columns: [
        Table.Column("Property"),
        Table.Column("Heads", note: "heads of this model that carry the property", isNumeric: true),
        Table.Column(
          "Images by dot",
          note: "different probe images among all neighbours by dot product; few means that the same images, "
            + "those with a large contribution, are everybody's neighbours", isNumeric: true),
        Table.Column(
          "Images by cosine", note: "different probe images among all neighbours by centred cosine",
          isNumeric: true),
        Table.Column("Agreement", note: "mean share of neighbours that both rankings name, 0 to 1", isNumeric: true),
      ], rows: rows)
    return Section(
      subject: .model(evidence.model), plugin: PropertyNeighboursPlugin.manifest.id, model: evidence.model,
      title: "Neighbours by property", order: 110, blocks: [.table(table)])
  }

  private func distinct(_ neighbours: [[Neighbour]]) -> Double { Double(Set(neighbours.joined().map(\.row)).count) }

  private func introduction(_ heads: [Head], shown: Int) -> String {
    let all = counted(evidence.gallery.items.count, "gallery image")
    let which =
      shown < evidence.gallery.items.count ? "\(shown) of \(all) (the page of each has its own)" : "each of \(all)"
    let names = heads.map(\.description).joined(separator: ", ")
    let written =
      heads.count == 1
      ? "what \(names) writes for them" : "the mean of what \(heads.count) heads write for them (\(names))"
    return """
      For \(which), the probe images most like it in this property: compared by \(written). \(explanation)
      """
  }

  private var explanation: String {
    """
    Two rankings stand side by side: first by *dot product*, the reference score, which favours images with a large \
    contribution of these heads; then by *centred cosine*, which takes the mean over the probe set away and compares \
    directions alone.
    """
  }

  private func section(_ subject: Subject, _ title: String, _ introduction: String, _ strips: [Block]) -> Section {
    Section(
      subject: subject, plugin: PropertyNeighboursPlugin.manifest.id, model: evidence.model, title: title, order: 110,
      blocks: [.markdown(introduction)] + strips)
  }

  /// - Parameter isShown: whether the image itself stands first; on its own page it stands above all.
  private func strip(_ answers: PropertyAnswers, _ image: Int, _ lead: String, isShown: Bool) -> Block {
    let query = ImageStrip.Item(image: evidence.gallery.items[image].reference, badge: "query")
    let dot = ImageStrip.items(answers.neighbours[image].byDot, in: evidence.probe, badge: "by dot")
    let cosine = ImageStrip.items(answers.neighbours[image].byCosine, in: evidence.probe, badge: "by cosine")
    let caption = """
      \(lead): \(dot.count) nearest of \(evidence.probe.items.count) probe images, by dot product, then by centred \
      cosine
      """
    return .imageStrip(ImageStrip(caption: caption, items: (isShown ? [query] : []) + dot + cosine))
  }
}
