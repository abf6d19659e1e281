import Analysis
import Attribution

/// `evidence.json`: what a plugin gets of one model apart from numbers in files of tensors.
///
/// Keys that the plugin did not ask for are absent.
struct EvidenceFile: Encodable {
  struct Model: Encodable {
    let id, title: String
    let subject: Subject
    let layers, heads, headWidth, width, embeddingWidth, gridSide, imageSize: Int
    let activation: String
    let tensorCount, parameterCount: Int
  }
  struct Description: Encodable {
    let text: String
    /// Its place in the pool.
    let index: Int
    let standardDeviation, explainedVariance, lead: Double
    let fitsLabel: Bool?
  }
  struct KnownHead: Encodable {
    let name: String
    let layer, head: Int
    let subject: Subject
    var label: String?
    var labelSource: String?
    var labelMargin: Double?
    var consistency: Int?
    var variance, effectiveRank: Double?
    var descriptions: [Description]?
    /// In the order of `properties`.
    var shares: [PropertyShare?]?
  }
  struct Image: Encodable {
    let id: String
    /// Nil for probe images, which have no page.
    let subject: Subject?
    var caption: String?
    var scene: [String: String]?
    var objects: [Object]?
  }
  struct Object: Encodable {
    let text: String?
    let scene: [String: String]
  }
  struct KnownText: Encodable {
    let id, text: String
    let subject: Subject
  }
  struct KnownProperty: Encodable {
    let id, title: String
    let subject: Subject
    let words, heads: [String]
  }
  struct KnownContrast: Encodable {
    let id: String
    let subject: Subject
    let image: String
    let texts: [String]
  }

  struct KnownClass: Encodable {
    let name, text: String
  }
  struct Mask: Encodable {
    let image, text: String
  }
  struct Patches: Encodable {
    let images, heads: String
    let texts: [String]
  }

  let version = PluginVersion.current
  let model: Model
  private(set) var heads: [KnownHead]
  var gallery: [Image]?
  var probe: [Image]?
  var texts: [KnownText]?
  var pool: [String]?
  var properties: [KnownProperty]?
  var contrasts: [KnownContrast]?
  var classes: [KnownClass]?
  /// N, of which `head-moments.safetensors` is.
  var momentsOf: Int?
  /// Of which object each mask of `gallery-masks.safetensors` is.
  var masks: [Mask]?
  /// What `patches.safetensors` is of.
  var patches: Patches?
  /// The texts of `encoded.safetensors`.
  var encoded: [String]?
  /// The files of tensors that lie beside, by what they were asked for as.
  let files: [String: String]
}

extension EvidenceFile {
  init(
    _ evidence: ModelEvidence, needs: Set<EvidenceNeed>, encoded: [String], patches: ExternalPlugin.Patches?,
    files: [String: String]
  ) {
    let shape = evidence.shape
    model = Model(
      id: evidence.model, title: evidence.title, subject: .model(evidence.model), layers: shape.layers,
      heads: shape.heads, headWidth: shape.headWidth, width: shape.width, embeddingWidth: shape.embeddingWidth,
      gridSide: shape.gridSide, imageSize: evidence.card.imageSize,
      activation: evidence.card.activation, tensorCount: evidence.card.tensorCount,
      parameterCount: evidence.card.parameterCount)
    heads = evidence.heads.map { KnownHead($0, of: evidence, isDescribed: needs.contains(.descriptions)) }
    self.files = files
    self.encoded = encoded.isEmpty ? nil : encoded
    if needs.contains(.gallery) {
      gallery = evidence.gallery.items.map { Image($0, .image($0.reference.id), needs) }
    }
    if needs.contains(.probe) { probe = evidence.probe.items.map { Image($0, nil, needs) } }
    if needs.contains(.texts) {
      texts = evidence.texts.items.map { KnownText(id: $0.id, text: $0.text, subject: .text($0.id)) }
    }
    if needs.contains(.pool) { pool = evidence.pool.texts }
    if needs.contains(.properties) {
      properties = evidence.properties.map {
        KnownProperty(
          id: $0.id, title: $0.title, subject: .property($0.id), words: $0.words, heads: $0.heads.map(\.padded))
      }
      for (place, head) in evidence.heads.enumerated() { heads[place].shares = head.properties }
    }
    if needs.contains(.classes) { classes = evidence.classes.map { KnownClass(name: $0.name, text: $0.text) } }
    if needs.contains(.headMoments) { momentsOf = evidence.probe.imageCount }
    if needs.contains(.galleryMasks) {
      masks = evidence.gallery.outlines.map {
        Mask(image: evidence.gallery[$0.image].reference.id, text: $0.text)
      }
    }
    self.patches = patches.map { Patches(images: $0.images.rawValue, heads: $0.heads.rawValue, texts: $0.texts) }
    if needs.contains(.contrasts) {
      contrasts = evidence.contrasts.map { contrast in
        KnownContrast(
          id: contrast.id, subject: .contrast(contrast.id), image: evidence.gallery[contrast.image].reference.id,
          texts: [contrast.first, contrast.second].map { evidence.texts[$0].text })
      }
    }
  }
}

extension EvidenceFile.KnownHead {
  init(_ known: HeadEvidence, of evidence: ModelEvidence, isDescribed: Bool) {
    (name, layer, head) = (known.head.padded, known.head.layer, known.head.head)
    subject = evidence.subject(of: known.head)
    guard isDescribed else { return }
    label = evidence.title(of: known.label)
    labelSource = known.source.rawValue
    (labelMargin, consistency) = (known.labelMargin, known.consistency)
    (variance, effectiveRank) = (known.variance, known.effectiveRank)
    descriptions = known.descriptions.map {
      .init(
        text: $0.text, index: $0.index, standardDeviation: $0.standardDeviation,
        explainedVariance: $0.explainedVariance, lead: $0.lead,
        fitsLabel: $0.fitsLabel)
    }
  }
}

extension EvidenceFile.Image {
  init(_ item: ImageItem, _ subject: Subject?, _ needs: Set<EvidenceNeed>) {
    id = item.reference.id
    self.subject = subject
    if needs.contains(.captions) { caption = item.caption }
    if needs.contains(.facts) {
      scene = item.facts.scene
      objects = item.facts.objects.enumerated().map { place, facts in
        .init(text: place < item.objects.count ? item.objects[place] : nil, scene: facts)
      }
    }
  }
}

extension Shape {
  private static let knownImage = named(
    "knownImage",
    .object([
      .init("id", .text), .optional("subject", .subject, "its page; probe images have none"),
      .optional("caption", .text), .optional("scene", .texts, "what is true of the whole image"),
      .optional(
        "objects", .list(.object([.optional("text", .text), .init("scene", .texts)])), "what it shows, with facts"),
    ]))

  private static let knownHead = named(
    "knownHead",
    .object([
      .init("name", .text, "L05.H00"), .init("layer", .whole(0...1023)), .init("head", .whole(0...1023)),
      .init("subject", .subject), .optional("label", .text), .optional("labelSource", .text),
      .optional("labelMargin", .number),
      .optional("consistency", .whole(0...5), "CCS; absent where nobody judged"),
      .optional("variance", .number, "the share of all heads' variance"), .optional("effectiveRank", .number),
      .optional(
        "descriptions",
        .list(
          .object([
            .init("text", .text), .init("index", .whole(0...(1 << 40)), "its place in the pool"),
            .init("standardDeviation", .number), .init("explainedVariance", .number),
            .init("lead", .number), .optional("fitsLabel", .boolean),
          ]))),
      .optional(
        "shares",
        .list(
          .any(
            "an object or null",
            [
              .object([
                .init("share", .number, "of the head's variance, along the property's words"),
                .init("chance", .number, "the mean over random subsets of the pool"),
                .init("lowest", .number), .init("highest", .number, "2.5 % of these are higher"),
              ]), .null,
            ])), "in the order of `properties`"),
    ]))

  /// The shape of `evidence.json`.
  package static let evidence = object([
    .init("version", .text),
    .init(
      "model",
      .object(
        [.init("id", .text), .init("title", .text), .init("subject", .subject)]
          + ["layers", "heads", "headWidth", "width", "embeddingWidth", "gridSide", "imageSize"].map {
            .init($0, .whole(1...1_000_000))
          } + [
            .init("activation", .text), .init("tensorCount", .whole(0...(1 << 40))),
            .init("parameterCount", .whole(0...(1 << 40))),
          ])),
    .init("heads", .list(knownHead), "layer by layer"), .optional("gallery", .list(knownImage)),
    .optional("probe", .list(knownImage)),
    .optional("texts", .list(.object([.init("id", .text), .init("text", .text), .init("subject", .subject)]))),
    .optional("pool", .list(.text)),
    .optional(
      "properties",
      .list(
        .object([
          .init("id", .text), .init("title", .text), .init("subject", .subject), .init("words", .list(.text)),
          .init("heads", .list(.text), "by name"),
        ]))),
    .optional(
      "contrasts",
      .list(
        .object([
          .init("id", .text), .init("subject", .subject), .init("image", .text, "in the gallery"),
          .init("texts", .list(.text)),
        ]))),
    .optional("classes", .list(.object([.init("name", .text), .init("text", .text)]))),
    .optional("momentsOf", .whole(0...(1 << 40)), "N, the number of images that head-moments.safetensors is of"),
    .optional(
      "masks", .list(.object([.init("image", .text, "in the gallery"), .init("text", .text, "the object")])),
      "the rows of gallery-masks.safetensors"),
    .optional(
      "patches",
      .object([
        .init("images", .word(["gallery", "probe"])), .init("heads", .word(["each", "sum"])),
        .init("texts", .list(.text)),
      ]), "what patches.safetensors is of"),
    .optional("encoded", .list(.text), "the rows of encoded.safetensors"),
    .init("files", .texts, "the files of tensors beside this one, by what was asked for"),
  ])
}
