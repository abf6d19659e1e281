import Analysis
import Attribution
import Diagnostics
import Files

/// What the page that compares heads knows of each head, as a script that assigns it: pages opened from a disk may load scripts, but
/// no data.
struct CompareData {
  let content: SiteContent
  let sections: [Address: [Section]]
  let images: SiteImages

  /// Images at either end of a head's first direction.
  private static let imagesShown = 6
  private static let descriptionsShown = 5

  /// The name of a head in the address of the page.
  static func key(_ head: Head, of model: SiteContent.Model) -> String { "\(model.id)/\(head.padded)" }

  /// `atlasHeads`, JSON with `models`, `properties`, `images` and `heads`; places in those lists stand for what is there.
  var script: String {
    var places: [ImageReference: Int] = [:]
    var files: [String] = []
    func place(_ reference: ImageReference) -> Int? {
      if let known = places[reference] { return known }
      guard let shown = images[reference] else { return nil }
      let thumb = shown.thumb
      let link = Address.compare.link(to: thumb.file)
      files.append("[\(scriptString(link)),\(scriptString(shown.alternative)),\(thumb.width),\(thumb.height)]")
      places[reference] = files.count - 1
      return files.count - 1
    }
    let heads = content.models.enumerated().flatMap { number, model in
      model.shape.allHeads.map { line(of: $0, model, number, place) }
    }
    let models = content.models.map { scriptString($0.title) }.joined(separator: ",")
    let properties = content.properties.map { scriptString($0.title) }.joined(separator: ",")
    return """
      window.atlasHeads={"models":[\(models)],"properties":[\(properties)],"images":[
      \(files.joined(separator: ",\n"))
      ],"heads":[
      \(heads.joined(separator: ",\n"))
      ]};

      """
  }

  /// Key, model, name, what it does, page, share of variance, directions, label, evidence, ends, images at both ends, descriptions.
  private func line(
    of head: Head, _ model: SiteContent.Model, _ number: Int, _ place: (ImageReference) -> Int?
  ) -> String {
    let subject = Subject.head(model: model.id, head: head)
    let verdict = model.verdict(of: head, among: content.properties)
    let summary = verdict.summary
    let blocks = (sections[subject.address] ?? []).flatMap(\.blocks)
    let strips = blocks.compactMap { block -> ImageStrip? in
      if case .imageStrip(let strip) = block { strip } else { nil }
    }
    let ends = strips.count > 2 ? [strips[0], strips[2]] : []
    let shown = ends.map { strip in
      "[" + strip.items.prefix(Self.imagesShown).compactMap { place($0.image) }.map { "\($0)" }.joined(separator: ",")
        + "]"
    }
    let evidence = (summary?.evidence ?? []).compactMap { found in
      content.properties.firstIndex { $0.id == found.property }.map {
        "[\($0),\(plain(found.excess, 3)),\(plain(found.chance, 3))]"
      }
    }
    let fields = [
      scriptString(Self.key(head, of: model)), "\(number)", scriptString("\(head)"), scriptString(verdict.words),
      scriptString(Address.compare.link(to: subject.address.index)),
      summary.map { plain($0.variance, 4) } ?? "null",
      summary.map { plain($0.effectiveRank, 1) } ?? "null",
      isAmbiguous(verdict.label) ? "null" : scriptString(verdict.label),
      "[\(evidence.joined(separator: ","))]",
      "[\((summary?.ends ?? []).map(scriptString).joined(separator: ","))]", "[\(shown.joined(separator: ","))]",
      "[\(descriptions(in: blocks).joined(separator: ","))]",
    ]
    return "[\(fields.joined(separator: ","))]"
  }

  private func plain(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? fixed(value, decimals: decimals).replacing("\u{2212}", with: "-") : "null"
  }

  private func descriptions(in blocks: [Block]) -> [String] {
    let items = describingBars(in: blocks)?.items.prefix(Self.descriptionsShown) ?? []
    return items.map { "[\(scriptString($0.label)),\(plain($0.value, 3))]" }
  }
}

extension PageLead {
  /// Scripts fill the page: which heads it compares stands in its address.
  func comparison(_ page: Address) -> Markup {
    """
    <div id="compare" hidden><p class="add"><label for="add">Add a head, such as L5.H1</label>
    <input id="add" list="heads" type="text" autocomplete="off" autocapitalize="off" spellcheck="false">
    <datalist id="heads"></datalist></p>\(comparedForExample())<p id="said" role="status"></p>
    <div class="scroll" tabindex="0" role="group" aria-label="Heads side by side"><table id="side"></table></div></div>
    <noscript><p>The comparison needs JavaScript. Without it, open the pages of heads beside each other: \
    \(link(to: .alphabet, from: page, "the list from A to Z")) has them all.</p></noscript>
    <p class="small">The address of this page has the heads in it: copy it to show them to others. \
    On the page of a head the key c leads here.</p>
    """
  }

  /// A link to the heads with most evidence for two properties; nil where fewer have any.
  private func comparedForExample() -> Markup? {
    var found: [(key: String, name: String, property: String, excess: Double)] = []
    for model in content.models {
      for head in model.shape.allHeads {
        let verdict = model.verdict(of: head, among: content.properties)
        guard let property = verdict.property, let strength = verdict.strength else { continue }
        found.append((CompareData.key(head, of: model), "\(head) \(verdict.words)", property.id, strength))
      }
    }
    guard let first = found.max(by: { $0.excess < $1.excess }),
      let second = found.filter({ $0.property != first.property }).max(by: { $0.excess < $1.excess })
    else { return nil }
    return
      "<p id=\"example\">For example <a href=\"#/\(percentEncoded("\(first.key),\(second.key)", keeping: "-_./,"))\">\(first.name) and \(second.name)</a>.</p>"
  }
}
