import Analysis
import Attribution
import Files
import Foundation
import Images
import Site
import TestSupport

/// A small atlas with every kind of page and block: two models, invented numbers, tiny images.
enum Demonstration {
  static let options = SiteOptions(templates: Fixtures.root.appendingPathComponent("Templates").path)

  /// - Parameters:
  ///   - images: a folder for the images, which are made there.
  ///   - word: appended to every text that comes from outside; hostile in some tests.
  ///   - gallery: real images in place of the invented ones.
  static func content(images: String, word: String = "", gallery: [String] = []) throws -> SiteContent {
    let galleryFiles = try gallery.isEmpty ? makeImages(6, in: images, set: .gallery) : gallery
    let probeFiles = try makeImages(8, in: images, set: .probe)
    let models = [
      model("toy-small", "Toy small\(word)", layers: 6, heads: 4, grid: 8, word: word),
      model("toy-large", "Toy large\(word)", layers: 12, heads: 8, grid: 12, word: word),
    ]
    var content = SiteContent(
      title: "A toy atlas\(word)",
      introduction: """
        What does each attention head write into an image's embedding? This atlas answers for two toys, head by
        head, in words, in images and in numbers. See the [method](/method/index.html).\(word)
        """,
      models: models, gallery: files(galleryFiles, .gallery, word), probe: files(probeFiles, .probe, word),
      texts: [("a-red-cat", "a red cat"), ("a-blue-boat", "a blue boat"), ("a-night-sky", "a night sky")].map {
        .init(id: $0.0, text: $0.1 + word)
      },
      properties: [("colour", "Colour"), ("object", "Object"), ("setting", "Setting")].map {
        .init(id: $0.0, title: $0.1 + word)
      },
      contrasts: [
        .init(
          id: "cat-or-boat", title: "A red cat or a blue boat\(word)", image: "gallery-0",
          texts: ["a-red-cat", "a-blue-boat"])
      ],
      plugins: plugins(word), sections: [], commentary: [], values: ["head/L05.H00/association": "0.83\(word)"],
      provenance: [.init("headatlas", "0.1.0\(word)"), .init("probe set", "sha256 4f0c…91 (8 images)")],
      date: "2026-01-31")
    (content.hash, content.version) = (hash, "0.1.0")
    content.imageSets = [.init(.gallery, images: 6, hash: hash), .init(.probe, images: 8, hash: hash)]
    for model in models { content.sections += sections(of: model, word: word) }
    content.sections.append(
      Section(
        subject: .atlas, plugin: "metrics", model: nil, title: "The models side by side\(word)",
        blocks: [.table(metricTable(models, word))]))
    content.sections.append(
      Section(
        subject: .method, plugin: "core", model: nil, title: "Checks passed\(word)",
        blocks: [
          .table(metricTable(models, word)), .markdown("# A heading\n\n### Another\n\nThe ledger holds.\(word)"),
        ]))
    content.commentary = [
      .init(
        file: "commentary/model/toy-small/head/L05.H00.md", subjectPath: "model/toy-small/head/L05.H00",
        source: """
          ---
          title: "What to see here"
          ---
          This head writes the **colour** of things. Its association is {{value head/L05.H00/association}}.\(word)
          """)
    ]
    return content
  }

  static let hash = String(repeating: "0123456789abcdef", count: 4)

  private static let labels = ["Colour", "Object", "Setting", "ambiguous"]

  static func model(
    _ id: String, _ title: String, layers: Int, heads: Int, grid: Int, word: String
  ) -> SiteContent.Model {
    let shape = TowerShape(
      layers: layers, heads: heads, headWidth: 8, width: heads * 8, embeddingWidth: 16, gridSide: grid)
    return SiteContent.Model(
      id: id, title: title, shape: shape,
      labels: shape.allHeads.map { labels[($0.layer * 3 + $0.head) % 4] + ($0.head == 0 ? word : "") },
      source: .init(
        weights: hash, imageSize: 64, mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25], licence: "CC0"),
      provenance: [
        .init("weights", "sha256 0123456789abcdef\(word)"), .init("preprocessing", "64 px, centre crop"),
        .init("licence", "CC0"),
      ])
  }

  private static func plugins(_ word: String) -> [SiteContent.PluginEntry] {
    let entries = [
      ("core", "Descriptions", "What TextSpan finds for each head."),
      ("image-neighbours", "Image neighbours", "Probe images for which a head writes nearly the same."),
      ("segmentation", "Segmentation", "Where in an image a text is seen."),
      ("metrics", "Metrics", "Entanglement and association of all models."),
    ]
    return entries.map { id, title, summary in
      let option = PluginOption(name: "count", summary: "How many are shown\(word)", default: 8, range: 1...20)
      return .init(
        manifest: PluginManifest(
          id: id, title: title + word, version: "1.0.0", summary: summary + word, options: [option]),
        page: "What it does, and *how to read it*.\(word)\n\n## Caveats\n\n- It is a toy.\n")
    }
  }

  // MARK: Images

  private static func files(_ paths: [String], _ set: ImageReference.Origin, _ word: String) -> [SiteContent
    .ImageFile]
  {
    paths.enumerated().map { index, path in
      .init(
        reference: ImageReference(set: set, id: "\(set.rawValue)-\(index)"), place: FilePlace(path),
        caption: "a \(["yellow cat", "brown boat", "blue tree"][index % 3]) number \(index)\(word)",
        credit: index % 2 == 0 ? "A. Painter\(word)" : nil, licence: "CC0\(word)")
    }
  }

  /// Small images of different shapes: a bright square on a gradient.
  private static func makeImages(_ count: Int, in folder: String, set: ImageReference.Origin) throws -> [String] {
    try (0..<count).map { index in
      let (width, height) = [(96, 64), (64, 64), (64, 88)][index % 3]
      var bitmap = Bitmap(width: width, height: height, rgb: [UInt8](repeating: 0, count: width * height * 3))
      for y in 0..<height {
        for x in 0..<width {
          let isInside = abs(x - 20 - index * 4) < 12 && abs(y - 30) < 12
          let colour = isInside ? [230, 60 + index * 20, 40] : [60 + x, 90 + y, 200 - x / 2 - index * 8]
          for channel in 0..<3 { bitmap.rgb[(y * width + x) * 3 + channel] = UInt8(clamping: colour[channel]) }
        }
      }
      let path = "\(folder)/\(set.rawValue)-\(index).png"
      try Data(try encodePNG(bitmap)).write(to: URL(fileURLWithPath: path))
      return path
    }
  }

  // MARK: Sections

  /// Numbers between 0 and 1 that look like measurements and are the same in every run.
  static func number(_ seed: Int) -> Double {
    let mixed = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678
    return Double((mixed ^ (mixed >> 29)) % 10007) / 10007
  }

  static func map(_ seed: Int, side: Int, isDiverging: Bool) -> [Float] {
    let (column, row) = (number(seed) * Double(side), number(seed + 1) * Double(side))
    return (0..<side * side).map { patch in
      let (dx, dy) = (Double(patch % side) - column, Double(patch / side) - row)
      let bump = 0.01 / (1 + 0.3 * (dx * dx + dy * dy)) + 0.0008 * number(seed + patch)
      return Float(isDiverging ? bump - 0.002 : bump)
    }
  }

  private static func metricTable(_ models: [SiteContent.Model], _ word: String) -> Table {
    Table(
      caption: "Entanglement and association\(word)",
      columns: [
        .init("Model\(word)"),
        .init(
          "Shared labels", note: "share of heads whose label another head has too; lower is better\(word)",
          isNumeric: true),
        .init("Association", note: "0 to 1; higher is better", isNumeric: true),
        .init("Heads", isNumeric: true), .init("Remark"),
      ],
      rows: models.enumerated().map { index, model in
        [
          .link(model.title, .model(model.id)), .number(number(index), decimals: 3),
          .number(-number(index + 7), decimals: 2),
          .number(Double(model.shape.headCount), decimals: 0), index == 0 ? .text("trained here\(word)") : .empty,
        ]
      } + [
        [
          .text("Published\(word)"), .number(.nan, decimals: 3), .number(0.5, decimals: 3), .number(1344, decimals: 0),
          .empty,
        ]
      ])
  }

  private static func sections(of model: SiteContent.Model, word: String) -> [Section] {
    let shape = model.shape
    var sections = [modelSection(model, word), layerSection(model, word)]
    for head in shape.allHeads { sections += headSections(head, of: model, word: word) }
    let shared: [Subject] = [
      .property("colour"), .image("gallery-0"), .image("gallery-1"), .text("a-red-cat"), .contrast("cat-or-boat"),
      .metrics,
    ]
    for (index, subject) in shared.enumerated() {
      sections.append(
        Section(
          subject: subject, plugin: "segmentation", model: model.id, title: "Where it is seen\(word)", order: index,
          blocks: [
            .heatMaps(maps(model, seed: index, isDiverging: index == 4, word: word)), .bars(bars(index, model, word)),
          ]))
    }
    return sections
  }

  private static func modelSection(_ model: SiteContent.Model, _ word: String) -> Section {
    let shape = model.shape
    let values = shape.allHeads.indices.map { $0 % 11 == 3 ? nil : number($0) as Double? }
    let grid = HeadGrid(
      caption: "Association of every head\(word)", model: model.id, layers: shape.layers, heads: shape.heads,
      measure: "association, 0 to 1\(word)", isDiverging: false, values: values, labels: model.labels)
    let effect = HeadGrid(
      caption: "What leaving a head out changes", model: model.id, layers: shape.layers, heads: shape.heads,
      measure: "change of the zero-shot accuracy, percentage points", isDiverging: true,
      values: values.map { $0.map { ($0 - 0.5) * 4 } }, labels: model.labels)
    let series = Series(
      caption: "Zero-shot accuracy when all heads up to a layer are replaced by their mean\(word)",
      horizontal: "layers replaced\(word)", vertical: "accuracy\(word)",
      ticks: (0..<shape.layers).map { "L\($0)" + word },
      lines: [
        .init(
          name: "with the mean\(word)", values: (0..<shape.layers).map { 0.8 - 0.05 * Double($0) + 0.03 * number($0) }),
        .init(name: "at random", values: (0..<shape.layers).map { $0 == 2 ? .nan : 0.7 - 0.08 * Double($0) }),
      ])
    let scatter = Scatter(
      caption: "Variance and association of every head\(word)", horizontal: "share of the variance\(word)",
      vertical: "association\(word)",
      points: shape.allHeads.enumerated().map { index, head in
        .init(
          label: "\(head) \(model.labels[index])", x: number(index) / 20, y: number(index + 100),
          link: .head(model: model.id, head: head))
      })
    return Section(
      subject: .model(model.id), plugin: "core", model: model.id, title: "Heads by their measure\(word)",
      blocks: [.headGrid(grid), .headGrid(effect), .series(series), .scatter(scatter)])
  }

  private static func layerSection(_ model: SiteContent.Model, _ word: String) -> Section {
    Section(
      subject: .layer(model: model.id, layer: 2), plugin: "metrics", model: model.id, title: "Measures\(word)",
      blocks: [.table(metricTable([model], word))])
  }

  private static func maps(_ model: SiteContent.Model, seed: Int, isDiverging: Bool, word: String) -> HeatMaps {
    let side = model.shape.gridSide
    return HeatMaps(
      caption: "Where the model answers to “a red cat”\(word)", gridSide: side, unit: "dot product\(word)",
      isDiverging: isDiverging, sharesScale: seed != 2,
      maps: (0..<4).map { index in
        .init(
          title: "L5.H\(index)\(word)", image: ImageReference(set: .gallery, id: "gallery-\(index % 3)"),
          values: map(seed * 10 + index, side: side, isDiverging: isDiverging),
          link: .head(model: model.id, head: Head(layer: 5, head: index)))
      })
  }

  private static func bars(_ seed: Int, _ model: SiteContent.Model, _ word: String) -> Bars {
    Bars(
      caption: "What each head adds to the similarity\(word)", unit: "dot product\(word)", decimals: 4,
      items: (0..<6).map { index in
        .init(
          label: "L5.H\(index % 4) head \(index)\(word)", value: (number(seed + index) - 0.4) / 50,
          link: .head(model: model.id, head: Head(layer: 5, head: index % 4)), note: index == 1 ? "fits\(word)" : nil)
      })
  }

  private static func headSections(_ head: Head, of model: SiteContent.Model, word: String) -> [Section] {
    let seed = model.shape.index(of: head)
    let subject = Subject.head(model: model.id, head: head)
    let words = ["a photo in warm colours", "something red", "an image of the sea", "bright yellow", "dusk"]
    let bars = Bars(
      caption: "Descriptions, and the share of the head's variance that they explain together\(word)",
      unit: "explained variance",
      items: words.enumerated().map { index, text in
        .init(
          label: "\(text) \(seed)\(word)", value: 0.2 + 0.12 * Double(index) + 0.02 * number(seed), link: nil,
          note: index < 3 ? "fits" : nil)
      })
    let strip = ImageStrip(
      caption: "Nearest to the image, of 8 probe images\(word)",
      items: [.init(image: ImageReference(set: .gallery, id: "gallery-\(seed % 6)"), badge: "query\(word)")]
        + (0..<6).map { index in
          .init(
            image: ImageReference(set: .probe, id: "probe-\((index + seed) % 8)"),
            values: [
              NamedValue("dot\(word)", number(seed + index) / 30, decimals: 4),
              NamedValue("cosine", number(index), decimals: 2),
            ])
        })
    return [
      Section(
        subject: subject, plugin: "core", model: model.id, title: "Descriptions\(word)", order: 5,
        blocks: [
          .bars(bars),
          .download(Download(title: "All 20 descriptions\(word)", fileName: "descriptions.json", content: "[]\n")),
        ]),
      Section(
        subject: subject, plugin: "image-neighbours", model: model.id, title: "Image neighbours\(word)", order: 20,
        blocks: [.imageStrip(strip), .table(imageTable(word))]),
      Section(
        subject: subject, plugin: "segmentation", model: model.id, title: "Segmentation\(word)", order: 30,
        blocks: [.heatMaps(maps(model, seed: seed, isDiverging: false, word: word))]),
    ]
  }

  private static func imageTable(_ word: String) -> Table {
    Table(
      caption: "Images by what they add\(word)",
      columns: [.init("Image"), .init("Heads"), .init("Score", isNumeric: true)],
      rows: (0..<3).map { index in
        [
          .image(ImageReference(set: .gallery, id: "gallery-\(index)")), .link("nowhere\(word)", .text("not-there")),
          .number(number(index), decimals: index + 1),
        ]
      })
  }
}
