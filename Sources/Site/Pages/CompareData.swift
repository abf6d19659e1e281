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

  /// The address of an image or a model in the address of the page; no head's key has a colon before its first slash.
  static func key(image id: String) -> String { "image:\(id)" }
  static func key(model id: String) -> String { "model:\(id)" }

  /// `atlasHeads`, JSON with `models`, their `keys` and `pages`, `properties`, `images`, `heads` and `gallery`; places in those lists
  /// stand for what is there.
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
    let keys = content.models.map { scriptString($0.id) }.joined(separator: ",")
    let pages = content.models.map { scriptString(link(to: .model($0.id))) }.joined(separator: ",")
    let properties = content.properties.map { scriptString($0.title) }.joined(separator: ",")
    let gallery = content.gallery.map { line(of: $0, place) }
    return """
      window.atlasHeads={"models":[\(models)],"keys":[\(keys)],"pages":[\(pages)],"properties":[\(properties)],"images":[
      \(files.joined(separator: ",\n"))
      ],"heads":[
      \(heads.joined(separator: ",\n"))
      ],"gallery":[
      \(gallery.joined(separator: ",\n"))
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
      scriptString(link(to: subject)),
      summary.map { plain($0.variance, 4) } ?? "null",
      summary.map { plain($0.effectiveRank, 1) } ?? "null",
      isAmbiguous(verdict.label) ? "null" : scriptString(verdict.label),
      "[\(evidence.joined(separator: ","))]",
      "[\((summary?.ends ?? []).map(scriptString).joined(separator: ","))]", "[\(shown.joined(separator: ","))]",
      "[\(descriptions(in: blocks).joined(separator: ","))]",
    ]
    return "[\(fields.joined(separator: ","))]"
  }

  /// Key, name, page, the image, and by model the heads with the largest parts of its similarity to its caption: name, part, page.
  private func line(of image: SiteContent.ImageFile, _ place: (ImageReference) -> Int?) -> String {
    let subject = Subject.image(image.reference.id)
    let sections = sections[subject.address] ?? []
    let parts = content.models.map { model in
      let bars = sections.lazy.filter { $0.model == model.id }.flatMap(\.blocks).compactMap { block -> Bars? in
        if case .bars(let bars) = block, bars.items.contains(where: { $0.head != nil }) { bars } else { nil }
      }.first
      let items = (bars?.items ?? []).compactMap { item in
        item.head.map { "[\(scriptString(item.label)),\(plain(item.value, 3)),\(scriptString(link(to: $0)))]" }
      }
      return "[\(items.joined(separator: ","))]"
    }
    let fields = [
      scriptString(Self.key(image: image.reference.id)), scriptString(name(of: image)), scriptString(link(to: subject)),
      place(image.reference).map { "\($0)" } ?? "null", "[\(parts.joined(separator: ","))]",
    ]
    return "[\(fields.joined(separator: ","))]"
  }

  private func link(to subject: Subject) -> String { Address.compare.link(to: subject.address.index) }

  private func plain(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? fixed(value, decimals: decimals).replacing("\u{2212}", with: "-") : "null"
  }

  private func descriptions(in blocks: [Block]) -> [String] {
    let items = describingBars(in: blocks)?.items.prefix(Self.descriptionsShown) ?? []
    return items.map { "[\(scriptString($0.label)),\(plain($0.value, 3))]" }
  }
}

extension Bars.Item {
  /// The head that it leads to; nil where it leads to none.
  fileprivate var head: Subject? {
    if case .head? = link { link } else { nil }
  }
}

extension PageLead {
  /// A link to the page that compares, with something in its address already.
  func compareLink(_ key: String, _ words: Markup, page: Address) -> Markup {
    let key = percentEncoded(key, keeping: "-_./:")
    return "<a class=\"compare\" href=\"\(page.link(to: Address.compare.index))#/\(key)\">\(words)</a>"
  }

  /// Scripts fill the page: what it compares stands in its address.
  func comparison(_ page: Address) -> Markup {
    """
    <div id="compare" hidden><p class="add"><label for="add">Add a head, such as L5.H1, an image or a model</label>
    <input id="add" list="heads" type="text" autocomplete="off" autocapitalize="off" spellcheck="false">
    <datalist id="heads"></datalist></p>\(comparedForExample())<p id="said" role="status"></p>
    <div class="scroll" tabindex="0" role="group" aria-label="Heads side by side"><table id="side"></table></div>
    <div class="scroll" tabindex="0" role="group" aria-label="Images side by side"><table id="side-images"></table></div>
    <div class="scroll" tabindex="0" role="group" aria-label="Models side by side"><table id="side-models"></table></div></div>
    <noscript><p>The comparison needs JavaScript. Without it, open the pages of heads beside each other: \
    \(link(to: .alphabet, from: page, "the list from A to Z")) has them all.</p></noscript>
    <p class="small">The address of this page has in it what is compared: copy it to show that to others. \
    On the page of a head, an image or a model the key c leads here.</p>
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
