import Analysis
import Attribution
import Diagnostics

struct TopicPages {
  let evidence: ModelEvidence
  let plan: SegmentationPlan
  let maps: TopicMaps
  let registers: RegisterPatches

  private let unit = "part of the image-text similarity"

  func imageSection(_ image: GalleryIndex) -> Section {
    let texts = plan.texts(of: image)
    let introduction = """
      What every patch of the image adds to its similarity to a text, or takes from it, by way of the attention heads. The texts are \
      the \(counted(texts.count, "curated text")) (of \(evidence.texts.items.count)) most similar to the image. \
      First all \(evidence.shape.headCount) heads summed, then for each text the heads that draw most on the map.
      """
    let summed = texts.compactMap { text -> HeatMaps.Map? in
      let pair = Pair(image: image, text: text)
      return maps.sums[pair].map {
        heatMap(
          "“\(evidence.texts[text].text)”, similarity \(shown(pair))", image, $0, evidence.subject(of: text))
      }
    }
    let perHead = texts.compactMap { text in
      maps.strongest[Pair(image: image, text: text)].map { headMaps($0, text: text) }
    }
    let caption = "All \(evidence.shape.headCount) heads summed, one map per text, on one scale"
    return section(
      evidence.subject(of: image), "Where the heads see a text", introduction,
      [block(caption, summed)] + perHead)
  }

  private func headMaps(_ heads: [TopicMaps.HeadMap], text: TextIndex) -> Block {
    let caption = """
      “\(evidence.texts[text].text)”: the \(counted(heads.count, "head")) of \(evidence.shape.headCount) that draw \
      most on the map (share of the mean |score|), on one scale
      """
    return block(
      caption,
      heads.map { map in
        HeatMaps.Map(
          title: "\(evidence.name(of: map.head)), \(percent(map.share))", image: reference(map.pair.image),
          values: map.values, link: evidence.subject(of: map.head), registers: registers(of: map.head))
      })
  }

  func textSection(_ text: TextIndex) -> Section {
    let images = plan.images(of: text)
    let introduction = """
      Where all \(evidence.shape.headCount) heads together see this text, on the \
      \(counted(images.count, "gallery image")) (of \(evidence.gallery.items.count)) most similar to it.
      """
    let shownMaps = images.compactMap { image -> HeatMaps.Map? in
      let pair = Pair(image: image, text: text)
      let title = "“\(evidence.gallery[image].title)”, similarity \(shown(pair))"
      return maps.sums[pair].map { heatMap(title, image, $0, evidence.subject(of: image)) }
    }
    return section(
      evidence.subject(of: text), "Where the heads see this text", introduction,
      [block("All \(evidence.shape.headCount) heads summed, one map per image, on one scale", shownMaps)])
  }

  func headSection(_ head: Head) -> Section {
    let examples = maps.examples[evidence.shape.index(of: head)]
    let introduction = """
      What every patch adds to the similarity of an image and a text by way of this head alone. Shown are the \
      \(counted(examples.count, "pair")) it draws most on, of \(maps.strongest.count) pairs of a gallery image and a \
      text: each image with the curated texts most similar to it.
      """
    let shownMaps = examples.map { map in
      heatMap(
        "“\(evidence.texts[map.pair.text].text)”, \(percent(map.share)) of all heads", map.pair.image,
        map.values, evidence.subject(of: map.pair.image), registers(of: head))
    }
    let caption = "This head alone, the pairs with the largest mean |score| over \(evidence.shape.patches) patches"
    return section(
      evidence.subject(of: head), "Where this head sees a text", introduction, [block(caption, shownMaps)])
  }

  func modelSection() -> Section {
    let shape = evidence.shape
    let strengths = maps.meanStrengths
    let layers = (0..<shape.layers).map { layer in
      strengths[layer * shape.heads..<(layer + 1) * shape.heads].reduce(0, +) / Double(shape.heads)
    }
    let series = Series(
      caption: """
        How strongly each layer draws on the topic maps: |score| of a patch, mean over \(shape.patches) patches, \
        \(counted(shape.heads, "head")) and \(maps.strongest.count) pairs of a gallery image and a text
        """,
      horizontal: "layer", vertical: "mean |score| of a patch", ticks: (0..<shape.layers).map { "L\($0)" },
      lines: [Series.Line(name: "mean |score|", values: layers)])
    return Section(
      subject: .model(evidence.model), plugin: TopicSegmentationPlugin.manifest.id, model: evidence.model,
      title: "Which layers place a text in the image", order: 140,
      blocks: [.series(series)] + (registerWords.map { [.markdown($0)] } ?? []))
  }

  /// What is to be said of register patches; nil where nothing is known.
  private var registerWords: String? {
    guard registers.images > 0 else { return nil }
    let heads = registers.heads.count { !$0.isEmpty }
    let measure = "large in more than half of the \(registers.images) gallery images, whatever they show"
    guard heads > 0 || !registers.summed.isEmpty else {
      return "No patch is a register patch: none is \(measure), on the maps of all heads summed or of one head."
    }
    let side = evidence.shape.gridSide
    let places = registers.summed.prefix(8).map { "row \($0 / side + 1), column \($0 % side + 1)" }
    let rest = registers.summed.count > places.count ? ", and \(registers.summed.count - places.count) more" : ""
    let summed =
      places.isEmpty
      ? "The maps of all heads summed have none"
      : "On the maps of all heads summed: \(places.joined(separator: "; "))\(rest)"
    return """
      **Register patches** are \(measure), and are hatched on maps: there a map says where a head always looks, or where the \
      model keeps what it knows of the whole image, rather than where a text is seen. \(summed). \
      \(counted(heads, "head")) of \(registers.heads.count) \(heads == 1 ? "has" : "have") such patches on maps of \
      \(heads == 1 ? "its" : "their") own.
      """
  }

  private func registers(of head: Head) -> [Int] { registers.heads[evidence.shape.index(of: head)] }

  /// - Parameter registers: of all heads summed unless given.
  private func heatMap(
    _ title: String, _ image: GalleryIndex, _ values: [Float], _ link: Subject, _ registers: [Int]? = nil
  ) -> HeatMaps.Map {
    HeatMaps.Map(
      title: title, image: reference(image), values: values, link: link, registers: registers ?? self.registers.summed)
  }

  private func reference(_ image: GalleryIndex) -> ImageReference { evidence.gallery[image].reference }

  private func shown(_ pair: Pair) -> String { fixed(plan.similarity(pair), decimals: 3) }

  private func block(_ caption: String, _ maps: [HeatMaps.Map]) -> Block {
    .heatMaps(
      HeatMaps(caption: caption, gridSide: evidence.shape.gridSide, unit: unit, isDiverging: true, maps: maps))
  }

  private func section(_ subject: Subject, _ title: String, _ introduction: String, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: TopicSegmentationPlugin.manifest.id, model: evidence.model, title: title, order: 140,
      blocks: [.markdown(introduction)] + blocks)
  }
}
