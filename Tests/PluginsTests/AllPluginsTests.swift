import Ablation
import Analysis
import Attribution
import ContrastiveSegmentation
import Foundation
import ImageNeighbours
import PropertyNeighbours
import TestSupport
import Testing
import TextNeighbours
import TopicSegmentation
import TwoTowers

/// What holds for every analysis of single models, whatever it shows.
@Suite struct AllPluginsTests {
  static let plugins: [any AnalysisPlugin] = [
    PropertyNeighboursPlugin(), TopicSegmentationPlugin(), ContrastiveSegmentationPlugin(), ImageNeighboursPlugin(),
    TextNeighboursPlugin(), AblationPlugin(), TwoTowersPlugin(), LoudHeadsPlugin(),
  ]
  /// The plugins that the atlas comes with; the last one stands in the documentation.
  static let builtIn = plugins.indices.dropLast()

  static func sections(_ plugin: Int, _ world: World = World()) throws -> [Section] {
    try plugins[plugin].sections(for: world.evidence(), options: plugins[plugin].manifest.defaultOptions)
  }

  @Test func `every folder of plugins is tested here`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Fixtures.root.path + "/Plugins")
      .filter { !$0.hasPrefix(".") }
    let tested = (Self.builtIn.map { Self.plugins[$0] } + ProfilePluginTests.plugins).map { plugin in
      "\(type(of: plugin))".replacingOccurrences(of: "Plugin", with: "")
    }
    #expect(folders.sorted() == tested.sorted())
  }

  @Test(arguments: plugins.indices) func `the same values give the same sections`(plugin: Int) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let first = try encoder.encode(try Self.sections(plugin))
    #expect(first == (try encoder.encode(try Self.sections(plugin))))
    #expect(first.count > 100)
  }

  @Test(arguments: plugins.indices) func `sections are about what there is, and say who made them`(plugin: Int) throws {
    let evidence = World().evidence()
    var known: Set<Subject> = [.model("tiny")]
    known.formUnion(evidence.gallery.items.map { .image($0.reference.id) })
    known.formUnion(evidence.texts.items.map { .text($0.id) })
    known.formUnion(evidence.properties.map { .property($0.id) })
    known.formUnion(evidence.contrasts.map { .contrast($0.id) })
    known.formUnion(evidence.shape.allHeads.map(evidence.subject))
    let sections = try Self.sections(plugin)
    #expect(!sections.isEmpty)
    for section in sections {
      #expect(known.contains(section.subject), "\(section.subject.path)")
      #expect(section.plugin == Self.plugins[plugin].manifest.id)
      #expect(section.model == "tiny")
      #expect(!section.title.isEmpty && !section.blocks.isEmpty)
      for link in section.heatMaps.flatMap(\.maps).compactMap(\.link) { #expect(known.contains(link)) }
    }
    // A page has no two sections of one name.
    #expect(Set(sections.map { "\($0.subject.path) \($0.title)" }).count == sections.count)
  }

  @Test(arguments: plugins.indices) func `a page stays lean`(plugin: Int) throws {
    for section in try Self.sections(plugin) {
      guard case .head = section.subject else { continue }
      #expect(section.strips.count <= 8)
      #expect(section.heatMaps.flatMap(\.maps).count <= 4)
      let strip = section.strips.map(\.items.count).max() ?? 0
      #expect(strip <= 9)
    }
  }

  @Test(arguments: plugins.indices) func `every caption of a strip says how many of how many`(plugin: Int) throws {
    for strip in try Self.sections(plugin).flatMap(\.strips) {
      let neighbours = strip.items.filter { $0.image.set == .probe }.count
      let shown = strip.items.contains { $0.badge == "by dot" } ? neighbours / 2 : neighbours
      #expect(strip.caption.contains("\(shown) nearest of 12 probe images"), "\(strip.caption)")
      #expect(strip.caption.contains("dot product") || strip.caption.contains("centred cosine"))
    }
  }

  @Test(arguments: plugins.indices) func `no prose of users gets into Markdown`(plugin: Int) throws {
    for section in try Self.sections(plugin) {
      for case .markdown(let text) in section.blocks {
        #expect(!text.contains("scene") && !text.contains("text 1") && !text.contains("Label"), "\(text)")
      }
    }
  }

  @Test(arguments: plugins.indices) func `an atlas with nothing in it has no sections and no trouble`(plugin: Int)
    throws
  {
    var world = World()
    (world.probeCount, world.galleryCount, world.textCount, world.twins) = (0, 0, 0, [])
    (world.properties, world.contrasts) = ([], [])
    #expect(try Self.sections(plugin, world).isEmpty)
  }

  @Test(arguments: plugins.indices) func `a gallery without texts, or texts without a gallery, is no trouble`(
    plugin: Int
  ) throws {
    var world = World()
    world.contrasts = []
    world.textCount = 0
    for section in try Self.sections(plugin, world) { #expect(!section.blocks.isEmpty) }
    world.textCount = 7
    world.galleryCount = 0
    for section in try Self.sections(plugin, world) { #expect(!section.blocks.isEmpty) }
  }

  @Test(arguments: plugins.indices) func `more is asked for than there is, and all of it is shown`(plugin: Int) throws {
    let plugin = Self.plugins[plugin]
    let largest = Dictionary(
      uniqueKeysWithValues: plugin.manifest.options.map { option in
        guard case .number(_, let range) = option.kind else { return (option.name, option.defaultValue) }
        return (option.name, OptionValue.number(range.upperBound))
      })
    let sections = try plugin.sections(for: World().evidence(), options: largest)
    #expect(!sections.isEmpty)
    for strip in sections.flatMap(\.strips) {
      let isBoth = strip.items.contains { $0.badge == "by dot" }
      let isOfImage = isBoth || plugin.manifest.id == "image-neighbours"
      // Of the twelve probe images one is the image itself.
      let all = isOfImage ? 11 : 12
      #expect(strip.items.filter { $0.image.set == .probe }.count == (isBoth ? 2 * all : all))
    }
  }

  @Test(arguments: plugins.indices) func `an option out of its range is refused`(plugin: Int) {
    let plugin = Self.plugins[plugin]
    for option in plugin.manifest.options {
      var options = plugin.manifest.defaultOptions
      options[option.name] = 0
      #expect(throws: PluginOptionError.self) { try plugin.sections(for: World().evidence(), options: options) }
    }
  }

  @Test(arguments: builtIn) func `a plugin's page tells how to read it, its formula and the reference tool's way`(
    plugin: Int
  ) throws {
    let manifest = Self.plugins[plugin].manifest
    let page = try String(
      contentsOfFile: Fixtures.root.path + "/content/plugins/\(manifest.id).md", encoding: .utf8)
    // CommonMark has no tables; the site makes one of the manifest's options.
    #expect(!page.contains("\n|"))
    for heading in ["## How to read it", "## Formula", "## The reference tool"] {
      #expect(page.contains("\n\(heading)\n"), "\(heading)")
    }
  }

  @Test func `every plugin has a name of its own`() {
    #expect(Set(Self.plugins.map(\.manifest.id)).count == Self.plugins.count)
    #expect(Set(Self.plugins.map(\.manifest.title)).count == Self.plugins.count)
  }

  @Test func `the example of the documentation is the one that is compiled here`() throws {
    let page = try String(contentsOfFile: Fixtures.root.path + "/docs/plugins.md", encoding: .utf8)
    let example = try String(
      contentsOfFile: Fixtures.root.path + "/Tests/PluginsTests/LoudHeadsPlugin.swift", encoding: .utf8)
    #expect(page.contains("```swift\n\(example)```\n"))
  }
}
