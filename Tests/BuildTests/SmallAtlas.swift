import Ablation
import Analysis
import Build
import ContrastiveSegmentation
import Explanations
import Foundation
import GroundTruth
import HeadProfile
import ImageNeighbours
import LabelMetrics
import Method
import PropertyNeighbours
import Stability
import Synchronization
import TestSupport
import TextNeighbours
import TopicSegmentation
import Twins
import TwoTowers

/// In the order of the program, so that both write the same bytes.
let allPlugins: [any AnalysisPlugin] = [
  HeadProfilePlugin(), StabilityPlugin(), ExplanationsPlugin(), LabelMetricsPlugin(), MethodPlugin(),
  GroundTruthPlugin(), PropertyNeighboursPlugin(),
  TopicSegmentationPlugin(), ContrastiveSegmentationPlugin(), ImageNeighboursPlugin(), TextNeighboursPlugin(),
  AblationPlugin(), TwinsPlugin(), TwoTowersPlugin(),
]

/// A small atlas in a folder of its own: the embedded model with few images and texts.
struct SmallAtlas {
  let folder: String

  var configuration: String { folder + "/atlas.yml" }
  var site: String { folder + "/site" }
  var cache: FeatureCache { FeatureCache(folder: folder + "/.headatlas") }

  static let description = """
    title: Small
    models:
      - {id: small, path: MODEL}
    probe: {images: probe}
    gallery: {images: gallery, captions: captions.jsonl}
    texts: texts.txt
    pool: pool.txt
    properties:
      - {id: colour, title: Colour, words: [red, blue, yellow]}
      - {id: setting, title: Setting, words: [beach, night, snow]}
    examples: examples.yml
    contrasts:
      - {image: gallery-000, texts: [a red house, a blue boat]}
    textspan: {count: 6}
    """

  static let examples = """
    - property: Colour
      descriptions: [a red car, a blue bird, a yellow boat, a green tree, a white cat]
    - property: Setting
      descriptions: [a beach, a forest, a desert, the mountains, a city]

    """

  /// One that is there.
  init(copyIn folder: String) { self.folder = folder }

  /// - Parameter gallery: how many images, at most 60.
  init(in folder: String, gallery: Int = 3) throws {
    self.folder = folder
    let content = Fixtures.root.path + "/content"
    for (kind, count) in [("gallery", gallery), ("probe", 20)] {
      try FileManager.default.createDirectory(atPath: folder + "/" + kind, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: content + "/images/" + kind).sorted().prefix(
        count)
      {
        try FileManager.default.copyItem(
          atPath: "\(content)/images/\(kind)/\(name)", toPath: "\(folder)/\(kind)/\(name)")
      }
    }
    try write("a red house\na blue boat\na yellow cat\n", to: "texts.txt")
    let pool = try String(contentsOfFile: content + "/texts/pool.txt", encoding: .utf8).split(separator: "\n")
    try write(pool.enumerated().filter { $0.offset % 4 == 0 }.map { $0.element + "\n" }.joined(), to: "pool.txt")
    try write(
      """
      {"file": "gallery-000.jpg", "caption": "a yellow cat", "objects": [{"text": "a yellow cat", "mask": "../mask.png"}]}

      """, to: "captions.jsonl")
    try FileManager.default.copyItem(
      atPath: content + "/images/masks/gallery-000-0.png", toPath: folder + "/mask.png")
    try write(Self.examples, to: "examples.yml")
    try write(
      Self.description.replacingOccurrences(of: "MODEL", with: content + "/models/picture-world"), to: "atlas.yml")
  }

  /// One with 210 probe images, enough for eight blocks of them.
  init(dividedIn folder: String) throws {
    try self.init(in: folder)
    let images = Fixtures.root.path + "/content/images/probe"
    try FileManager.default.removeItem(atPath: folder + "/probe")
    try FileManager.default.createDirectory(atPath: folder + "/probe", withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: images).sorted().prefix(210) {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/probe/\(name)", withDestinationPath: "\(images)/\(name)")
    }
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  func edit(_ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: configuration, encoding: .utf8)
    precondition(text.contains(old), "no \(old) in the small atlas")
    try write(text.replacingOccurrences(of: old, with: new), to: "atlas.yml")
  }

  @discardableResult
  func build(
    only: String? = nil, compute: ComputeOptions = ComputeOptions(), always: Bool = true,
    progress: any ProgressReporter = SilentProgress()
  ) throws -> BuildReport {
    try buildAtlas(
      BuildOptions(
        configuration: configuration, output: site, only: only, compute: compute, strict: true, always: always),
      plugins: allPlugins, progress: progress)
  }

  /// Every file of the site with its bytes.
  func files() throws -> [String: Data] { try files(of: site) }

  func files(of site: String) throws -> [String: Data] {
    let names = FileManager.default.enumerator(atPath: site)?.compactMap { $0 as? String } ?? []
    var files: [String: Data] = [:]
    for name in names {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: site + "/" + name, isDirectory: &isFolder)
      if !isFolder.boolValue { files[name] = try Data(contentsOf: URL(fileURLWithPath: site + "/" + name)) }
    }
    return files
  }
}

/// Remembers which stages there were.
final class RecordedStages: ProgressReporter {
  private let names = Mutex<Set<String>>([])

  func report(stage: String, done: Int, total: Int?) { names.withLock { _ = $0.insert(stage) } }
  var all: Set<String> { names.withLock { $0 } }
}
