import Build
import Files
import Site

extension FuzzedParser {
  static let atlases = [yaml, atlas, labels, commentary, captions, metrics]

  private static let wordsOfYAML = [
    "- ", ": ", "? ", "&a ", "*a", "*a : ", "<<: *a", "!!binary ", "!!int ", "!x ", "|\n", ">-\n", "---\n", "...\n",
    "%YAML 1.2\n", "# ",
    "'", "\"", "[", "]", "{", "}", ",", "\n", "\n  ", "\t", "~", "null", "yes", ".nan", "0o7", "1e999",
    "9223372036854775808", "\"\\ud800\"",
    "\u{FEFF}", "\u{85}", "\u{2028}", "\0",
  ]
  private static let keys = [
    "title", "introduction", "models", "id", "path", "probe", "images", "captions", "gallery", "texts", "pool",
    "properties", "words",
    "examples", "contrasts", "textspan", "count", "rank", "plugins", "commentary", "pages", "templates", "labels",
    "features", "fp16",
    "on_unreadable", "hf-hub:", "ViT-B-32", "L5.H0", "property", "descriptions",
  ]

  private static let yaml = FuzzedParser(
    name: "yaml", words: wordsOfYAML,
    seeds: { root in
      let aliases = "a: &a [1, 2]\nb: &b {c: *a, d: 'x', ? e : |\n  text\n}\nf: [*a, *b]\n<<: *b\n"
      let tags =
        "%YAML 1.1\n---\n- !!binary aGk=\n- &x !!str 5\n- \"\\u00e9\\n\"\n- >-\n  folded\n\n  text\n- *x\n...\n"
      return try [root + "/content/atlas.yml", root + "/content/texts/examples.yml"].map {
        Seed(file: "text.yml", bytes: try readFile($0))
      } + [aliases, tags].map { Seed(file: "text.yml", bytes: Array($0.utf8)) }
    },
    read: { _, bytes in _ = try composeYAML(String(decoding: bytes, as: UTF8.self)) })

  private static let description = """
    title: Small
    introduction: "*Some* text"
    models:
      - {id: small, path: model, labels: labels.yml, title: A small one, licence: MIT}
    probe: {images: images}
    features: fp16
    gallery: {images: images, captions: captions.jsonl}
    on_unreadable: skip
    texts: texts.txt
    pool: pool.txt
    properties:
      - {id: colour, title: Colour, words: [red, blue, yellow]}
      - {id: setting, title: Setting, words: [beach, night, snow]}
    examples: examples.yml
    contrasts:
      - {image: gallery-000, texts: [a red house, a blue boat]}
    textspan: {count: 6, rank: 9}
    commentary: commentary

    """
  private static let examples = """
    - property: Colour
      descriptions: [a red car, a blue bird, a yellow boat, a green tree, a white cat]
    - property: Setting
      descriptions: [a beach, a forest, a desert, the mountains, a city]

    """
  private static let files = [
    "atlas.yml": description, "labels.yml": "L5.H0: Setting\nL4.H3: Colour\nL2.H1: \"Setting\"\n",
    "examples.yml": examples,
    "texts.txt": "a red house\na blue boat\na yellow cat\n",
    "pool.txt": "a red house\na blue boat\na cat in the snow\n",
    "commentary/model/small.md": "---\ntitle: A title\norder: 2\n---\nText with {{value model/small/heads}}.\n",
  ]

  private static func seeds(_ names: [String]) -> [Seed] {
    names.map { Seed(file: $0, bytes: Array((files[$0] ?? "").utf8)) }
  }

  /// The files of a small atlas.
  static func world(_ root: String) throws -> [String: [UInt8]] {
    var all = files.mapValues { Array($0.utf8) }
    let content = root + "/content"
    for name in ["gallery-000.jpg", "gallery-001.jpg"] {
      all["images/" + name] = try readFile(content + "/images/gallery/" + name)
    }
    for number in 0...1 {
      all["masks/gallery-000-\(number).png"] = try readFile(content + "/images/masks/gallery-000-\(number).png")
      all["masks/gallery-001-\(number).png"] = all["masks/gallery-000-0.png"]
    }
    all["captions.jsonl"] = Array(#"{"file": "gallery-000.jpg", "caption": "a yellow cat"}"#.utf8)
    all["model/open_clip_config.json"] = try readFile(content + "/models/picture-world/open_clip_config.json")
    all["model/open_clip_model.safetensors"] = []
    return all
  }

  private static let atlas = FuzzedParser(
    name: "atlas", words: wordsOfYAML + keys, seeds: { _ in seeds(["atlas.yml"]) }, others: world,
    read: { path, bytes in
      // A path out of the atlas's own folder may be that of the whole disk, which is then listed.
      let text = String(decoding: bytes, as: UTF8.self)
      guard !["/", "..", "~"].contains(where: text.contains) else { return _ = try composeYAML(text) }
      try readAtlas(path, bytes)
    })
  private static let labels = FuzzedParser(
    name: "labels", words: wordsOfYAML + keys,
    seeds: { _ in seeds(["labels.yml", "examples.yml", "texts.txt", "pool.txt", "commentary/model/small.md"]) },
    others: world,
    read: { path, bytes in
      let base = path.hasSuffix(".md") ? folder(of: folder(of: folder(of: path))) : folder(of: path)
      try readAtlas(base + "/atlas.yml", bytes)
    })

  private static func readAtlas(_ path: String, _ bytes: [UInt8]) throws {
    _ = try AtlasConfiguration(file: path, manifests: [])
  }

  private static let commentary = FuzzedParser(
    name: "commentary",
    words: wordsOfYAML + [
      "{{value", "{{value x}}", "{{check x > 0.5}}", "{{check x = y}}", "\n\n{{table text.md}}\n\n", "}}", "title: ",
      "order: ",
      "tour: a\nstop: 1\n", "![](text.md)", "[x](text.md)", "[a](/b)", "[a](javascript:b)", "![a](b)", "<b>", "<!--",
      "```\n", "    ", "> ",
      "* ", "1. ", "# ", "***", "__", "`", "[a]: <b>\n", "[a][", "](", "&amp;", "&#0;", "\\", "\u{E000}0\u{E001}",
      "\u{202E}", "\n---\n",
    ],
    seeds: { root in
      let folder = root + "/content/commentary/"
      return try ["index.md", "model/picture-world.md", "model/picture-world/head/L02.H00.md"].map {
        Seed(file: "text.md", bytes: try readFile(folder + $0))
      }
        + [
          "---\ntitle: A *title*\norder: 3\n---\n# One\n\n### Two\n\n- [x](/model/a#b) {{value x}}\n  > `{{value  y z}}`\n"
        ].map {
          Seed(file: "text.md", bytes: Array($0.utf8))
        }
    },
    read: { path, bytes in
      let text = SiteContent.Commentary(
        file: path, subjectPath: "model/a", source: String(decoding: bytes, as: UTF8.self))
      let keys = text.needs().keys.map(\.key)
      _ = try text.html(values: Dictionary(keys.map { ($0, "<1> & {{value x}}") }) { first, _ in first })
    })

  private static let captions = FuzzedParser(
    name: "captions",
    words: wordsOfJSON + [
      "file", "caption", "credit", "licence", "source", "objects", "scene", "text", "mask", "\n", "\r\n",
      "gallery-000.jpg",
    ],
    seeds: { root in
      let lines = try readFile(root + "/content/images/gallery.jsonl").split(separator: UInt8(ascii: "\n")).prefix(2)
      return [Seed(file: "captions.jsonl", bytes: Array(lines.joined(separator: [UInt8(ascii: "\n")])))]
    }, others: world,
    read: { path, _ in _ = try ImageSet(images: folder(of: path) + "/images", captions: path) })

  private static let metrics = FuzzedParser(
    name: "metrics",
    words: wordsOfJSON + ["L8.H0", "Ambiguous", "[1, 0, 1, 1, 0]", "\"Animals\"", "\"Animal\"", "9e99", "1.0"],
    seeds: { _ in
      [
        (
          "labels.json",
          #"{"a": {"L8.H0": "Animals", "L8.H1": "Animal", "L8.H2": "ambiguous", "L8.H3": "Colour"}, "b": {"L0.H0": ""}}"#
        ),
        ("judgements.json", #"{"a": {"L8.H0": [1, 1, 1, 1, 1], "L8.H1": [1, 1, 1, 1, 1], "L8.H3": [0, 0, 1, 0, 0]}}"#),
      ].map { Seed(file: $0, bytes: Array($1.utf8)) }
    },
    read: { path, _ in
      let base = folder(of: path)
      for asJSON in [true, false] {
        _ = try labelMetrics(labels: base + "/labels.json", judgements: base + "/judgements.json", asJSON: asJSON)
      }
    })
}
