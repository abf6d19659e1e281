import Analysis
import Attribution
import CLIP
import Descriptions
import Diagnostics
import Evaluation
import Files
import Foundation
import Images
import Labels
import LinearAlgebra
import Metrics
import Parallel
import Site
import Synchronization
import Tensors

/// How long a build will take from an empty cache, how much memory, and how large the site will be, as far as building a
/// small part of it tells.
///
/// The atlas is built twice in a temporary folder with its own models, but few images and lines of the pool: what is
/// left when the parts below are taken away does not depend on their number, and what the second build's analyses and
/// pages take longer is the share of a gallery image. Then images, texts and descriptions are timed by themselves.
package struct BuildForecast: Sendable, Codable, Equatable {
  package struct Part: Sendable, Codable, Equatable {
    package let name: String
    package let seconds: Double
  }
  /// The sum of the parts.
  package let seconds: Double
  package let parts: [Part]
  /// Peak of resident memory, in bytes; nil where the system does not say.
  package let memory: Int?
  /// Of the site on disk.
  package let bytes: Int
  /// What the forecast itself took.
  package let calibration: Double
  /// Of each model, where the probe set is to be divided into shards.
  package let shards: [ShardForecast]?

  init(parts: [Part], memory: Int?, bytes: Int, calibration: Double, shards: [ShardForecast]?) {
    seconds = parts.reduce(0) { $0 + $1.seconds }
    self.parts = parts
    self.memory = memory
    self.bytes = bytes
    self.calibration = calibration
    self.shards = shards
  }

  package var lines: [String] {
    func text(_ seconds: Double) -> String {
      seconds < 120 ? "\(fixed(seconds, decimals: 1)) s" : "\(fixed(seconds / 60, decimals: 1)) min"
    }
    let shares = parts.map { "\($0.name) \(text($0.seconds))" }.joined(separator: ", ")
    return ["time: about \(text(seconds)) from an empty cache (\(shares))"]
      + (memory.map { ["memory: about \(wholeMegabytes($0)) MB"] } ?? [])
      + ["size: about \(wholeMegabytes(bytes)) MB on disk", "these were tried in \(text(calibration))"]
      + (shards ?? []).map(\.line)
  }
}

/// Millions of bytes, as a build says them.
private func wholeMegabytes(_ bytes: Int) -> Int { (bytes + 500_000) / 1_000_000 }

/// - Parameter shards: how many shards the probe set is to be divided into, if it is.
/// - Throws: as `buildAtlas` does.
package func forecastBuild(
  configuration file: String, plugins: [any AnalysisPlugin], runsOthers: Bool = true,
  compute: ComputeOptions = ComputeOptions(), shards: Int? = nil, progress: any ProgressReporter
) throws -> BuildForecast {
  let start = ContinuousClock.now
  let configuration = try AtlasConfiguration(file: file, plugins: plugins, runsOthers: runsOthers)
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headatlas-plan-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  func report(_ done: Int) { progress.report(stage: "trying small builds", done: done, total: 3) }
  report(0)
  // Every thread has as many images as the others, as nearly all of a large gallery's have.
  let threads = CLIPModel.threads(asked: compute.jobs)
  let few = max(2, threads)
  // The models of the first are let go before those of the second are loaded.
  let (first, _) = try SmallBuild.run(configuration, gallery: few, plugins: plugins, compute, folder: folder)
  report(1)
  // Images differ in what is known of them, so that a share from few is a guess: as many as some seconds allow.
  let wanted = Int(min(max(10 / max(first.analyses, 0.1), 2), 8))
  let more = (wanted + threads - 1) / threads * threads
  let (second, models) = try SmallBuild.run(
    configuration, gallery: few + more, plugins: plugins, compute, folder: folder)
  report(2)
  let rates = try models.map { try ModelRates($0, of: configuration) }
  let twins = try TwinForecast.seconds(configuration, models)
  report(3)
  let whole = Extrapolation(
    configuration: configuration, first: first, second: second, heads: models.reduce(0) { $0 + $1.shape.headCount })
  return BuildForecast(
    parts: whole.parts(rates, twins: twins),
    memory: peakMemory().map { $0 + growth(configuration, second, models, compute) },
    bytes: whole.bytes, calibration: start.secondsUntilNow,
    shards: shards.map { whole.shards($0, models, rates, compute) })
}

/// What the whole atlas takes, from two small builds of it.
private struct Extrapolation {
  let configuration: AtlasConfiguration
  let first: SmallBuild
  let second: SmallBuild
  /// Of all models.
  let heads: Int

  /// With as many gallery images the strips of them on the pages of heads and texts are full and grow no more, as found by
  /// building atlases with 3 to 60.
  private static let fullStrip = 8

  /// What grows evenly with the gallery, up to `most` images of it.
  func grown(_ what: (SmallBuild) -> Double, most: Int = .max) -> Double {
    let more = Double(second.gallery - first.gallery)
    let slope = more > 0 ? max(0, what(second) - what(first)) / more : 0
    return what(second) + slope * Double(max(0, min(configuration.gallery.images.count, most) - second.gallery))
  }

  /// Of all pages, on disk.
  var pageBytes: Double { second.pageBytes.keys.reduce(0) { $0 + pageBytes(in: $1) } }

  private func pageBytes(in folder: String) -> Double {
    func size(_ build: SmallBuild) -> Double { build.pageBytes[folder] ?? 0 }
    switch folder {
    case "image": return size(second) / Double(second.gallery) * Double(configuration.gallery.images.count)
    case "contrast": return size(second) / Double(max(second.contrasts, 1)) * Double(configuration.contrasts.count)
    // An image of the gallery is a row of strips there. Without labels in context, as small builds are, there is none; a
    // property then takes, on its own page and on images', about what a head takes on images'.
    case "property":
      let likeHeads = pageBytes(in: "image") * Double(configuration.properties.count) / Double(max(heads, 1))
      return max(grown(size), configuration.examples.isEmpty ? 0 : likeHeads)
    default: return grown(size, most: Self.fullStrip)
    }
  }

  /// How many probe images have a file of their own.
  ///
  /// Strips show some several times: so many different ones are there among as many drawn at random.
  var thumbs: Double {
    let probe = Double(max(configuration.lookedUpCount, 1))
    return probe * (1 - exp(-Double(second.shownProbeImages) / probe))
  }

  /// Of the site on disk.
  var bytes: Int { Int(pageBytes + grown(\.imageBytes) + thumbs * second.bytesPerThumb) }

  /// - Parameter twins: seconds of the comparison of all heads with each other.
  func parts(_ rates: [ModelRates], twins: Double) -> [BuildForecast.Part] {
    let (gallery, probe) = (configuration.gallery.images.count, configuration.probe.images.count)
    let lookedUp = configuration.lookedUpCount
    // A sample runs through the towers once more.
    let images = gallery + probe + (lookedUp < probe ? lookedUp : 0)
    let texts = configuration.pool.count + configuration.texts.count + gallery
    // Pages take as long as they are large.
    let pages = second.pages * pageBytes / max(second.pageBytes.values.reduce(0, +), 1)
    let moreThumbs = max(0, thumbs - Double(second.probe)) * second.secondsPerThumb
    return [
      .init(
        name: "images",
        seconds: grown(\.reading) + Double(probe) * second.hashing
          + Double(images) * rates.reduce(0) { $0 + $1.image }),
      .init(name: "texts", seconds: rates.reduce(0) { $0 + Double(texts + $1.labelTexts) * $1.text }),
      .init(name: "heads", seconds: second.fixed + rates.reduce(0) { $0 + $1.heads }),
      .init(
        name: "analyses",
        seconds: grown(\.analyses) + twins + Double(max(0, lookedUp - second.probe))
          * rates.reduce(0) { $0 + $1.search }),
      .init(name: "pages", seconds: grown(\.imageFiles) + moreThumbs + pages),
    ]
  }
}

extension Extrapolation {
  func shards(_ count: Int, _ models: [CLIPModel], _ rates: [ModelRates], _ compute: ComputeOptions) -> [ShardForecast]
  {
    configuration.models.indices.map { place in
      ShardForecast(
        configuration.models[place].id, models[place], of: count, images: configuration.probe.images.count,
        features: configuration.features, secondsPerImage: rates[place].image,
        loading: second.fixed / Double(models.count), compute)
    }
  }
}

/// What more images add to the memory of a small build, in bytes: the gallery's features and patches, which stay in
/// memory; larger batches; and for every probe image its name, its hash and, while heads are searched, a norm on each thread.
private func growth(
  _ configuration: AtlasConfiguration, _ small: SmallBuild, _ models: [CLIPModel], _ compute: ComputeOptions
) -> Int {
  let gallery = configuration.gallery.images.count - small.gallery
  let probe = configuration.probe.images.count - small.probe
  let features =
    models.reduce(0) { sum, model in
      let shape = model.shape
      let image =
        shape.headCount * shape.headSpaceWidth + shape.embeddingWidth + (shape.layers + 1) * shape.embeddingWidth
      return sum + gallery * image * MemoryLayout<Float>.size
    } + gallery * small.galleryBytes
  let patchBytes = models.reduce(0) { $0 + PatchStore.bytes(of: $1.shape) }
  let patches = [configuration.gallery.images.count, small.gallery].map { min($0 * patchBytes, compute.patchMemory) }
  let batches = models.map { model in
    let more = model.batchMemory(of: configuration.probe.images.count) - model.batchMemory(of: small.probe)
    return max(0, more) * model.threads
  }
  return features + patches[0] - patches[1] + (batches.max() ?? 0) + TwinForecast.bytes(configuration, models) + probe
    * (96 + 8 * (models.map(\.threads).max() ?? 1))
}

/// A build of a part of an atlas, with what its parts took, in seconds.
private struct SmallBuild {
  let gallery: Int
  let probe: Int
  let contrasts: Int
  /// How often a strip shows a probe image.
  let shownProbeImages: Int
  /// Of one probe image's bytes.
  let hashing: Double
  /// Of the gallery: reading, hashing, and the site's files of it.
  let reading: Double
  /// Of memory, for one gallery image: what models see of it, and the site's files.
  let galleryBytes: Int
  /// Of the studies: loading, controls, and all else but images, texts and descriptions.
  let fixed: Double
  let analyses: Double
  /// Of the files of gallery images.
  let imageFiles: Double
  /// Of one probe image's file.
  let secondsPerThumb: Double
  let pages: Double
  /// On disk: one probe image's file, those of gallery images, and pages by the site's folders.
  let bytesPerThumb: Double
  let imageBytes: Double
  let pageBytes: [String: Double]

  /// Enough that a head has all its descriptions.
  private static let probe = 24
  private static let pool = 64

  /// The small build, and the models as it loaded them.
  static func run(
    _ whole: AtlasConfiguration, gallery: Int, plugins: [any AnalysisPlugin], _ compute: ComputeOptions,
    folder: String
  ) throws -> (build: SmallBuild, models: [CLIPModel]) {
    // A cache of its own: nothing of another small build is to be found there.
    let configuration = try whole.sample(
      gallery: gallery, probe: probe, pool: pool, cacheFolder: "\(folder)/cache-\(gallery)"
    ).withReadableImages(threads: CLIPModel.threads(asked: compute.jobs), progress: SilentProgress())
    let choices = configuration.choices(of: plugins)
    let (dataset, reading) = try timed {
      try Dataset(configuration, threads: CLIPModel.threads(asked: compute.jobs))
    }
    let probe = configuration.probe.images
    let (_, hashing) = try timed { for image in probe { _ = try hexDigest(at: image.place) } }
    let clock = StageClock()
    let (studies, studying) = try timed { try dataset.studiedModels(compute, progress: clock) }
    // What analyses report is none of it.
    let spent = clock.spent
    let (content, analysing) = try timed {
      let results = try choices.analyse(
        studies.map(\.evidence), of: configuration, cache: FeatureCache(folder: configuration.cacheFolder),
        progress: SilentProgress()
      ).results
      // The pages are written twice, and the second time must cost what the first does.
      return try SiteContent(
        configuration, dataset.galleryImages, RenditionStore(cache: nil), AtlasFindings(dataset, studies, results),
        choices)
    }
    let strips = content.sections.flatMap(\.blocks).map { block in
      if case .imageStrip(let strip) = block { strip.items.count { $0.image.set == .probe } } else { 0 }
    }
    var options = SiteOptions(templates: try templatesFolder(), overrides: configuration.templates)
    let (_, writing) = try timed { try writeSite(content, options: options, to: folder + "/site") { _ in } }
    // All images are written whatever pages are.
    options.isWanted = { $0 == "index" }
    let (bareReport, bare) = try timed { try writeSite(content, options: options, to: folder + "/bare") { _ in } }
    let places = configuration.probe.images.map(\.place)
    let (thumbBytes, thumbs) = try timed {
      try inParallel(places.count, threads: processorCount) {
        Double(try encodeJPEG(try readImage(at: places[$0]).upright(maximumSide: 128), quality: 85).count)
      }
    }
    let allThumbBytes = thumbBytes.reduce(0, +)
    let gallery = configuration.gallery.images.count
    let build = SmallBuild(
      gallery: gallery, probe: places.count, contrasts: configuration.contrasts.count,
      shownProbeImages: strips.reduce(0, +),
      hashing: hashing / Double(max(places.count, 1)), reading: max(0, reading - hashing),
      galleryBytes: dataset.galleryImages.bytesPerImage, fixed: max(0, studying - spent), analyses: analysing,
      imageFiles: max(0, bare - thumbs), secondsPerThumb: thumbs / Double(max(places.count, 1)),
      pages: max(0, writing - bare), bytesPerThumb: allThumbBytes / Double(max(places.count, 1)),
      imageBytes: max(0, Double(bareReport.bytes) - allThumbBytes),
      pageBytes: bytesByFolder(folder + "/site").merging(bytesByFolder(folder + "/bare")) { $0 - $1 })
    return (build, studies.map(\.loaded.model))
  }
}

/// The sizes of all files in the folders of a site, together by folder; "" for those in none.
private func bytesByFolder(_ site: String) -> [String: Double] {
  var sizes: [String: Double] = [:]
  guard let files = FileManager.default.enumerator(atPath: site) else { return sizes }
  for case let path as String in files {
    guard let size = sizeOfFile(site + "/" + path) else { continue }
    let parts = path.split(separator: "/")
    sizes[parts.count > 1 ? String(parts[0]) : "", default: 0] += Double(size)
  }
  return sizes
}

/// Adds up the time of the stages whose work is forecast by itself: images, texts and descriptions.
private final class StageClock: ProgressReporter {
  private let state = Mutex((spent: 0.0, last: ContinuousClock.now))

  func report(stage: String, done: Int, total: Int?) {
    state.withLock { state in
      // What comes before the first news of work done in a stage is none of it.
      if done > 0 { state.spent += state.last.secondsUntilNow }
      state.last = .now
    }
  }

  /// Seconds.
  var spent: Double { state.withLock(\.spent) }
}

/// What one model takes, in seconds.
private struct ModelRates {
  /// Of one image, decoded and decomposed.
  let image: Double
  let text: Double
  /// The texts that labelling encodes besides the atlas's own.
  let labelTexts: Int
  /// Statistics and descriptions of all heads.
  let heads: Double
  /// Of all searches, for one probe image.
  let search: Double

  init(_ model: CLIPModel, of configuration: AtlasConfiguration) throws {
    let images = configuration.probe.images
    // As a long run is computed: every thread on full batches.
    image = try Self.rate(inPieces: model.batch(of: 1024) * model.threads) { count in
      let chosen = (0..<count).map { images[$0 * images.count / count].place }
      try model.forEachBlock(of: chosen, progress: SilentProgress(), stage: "") { _, _ in }
    }
    text = try Self.rate(inPieces: 256) { count in
      _ = try model.encode(texts: (0..<count).map { configuration.pool[$0 * configuration.pool.count / count] })
    }
    labelTexts = Self.labelTexts(configuration)
    heads = try Self.heads(model, configuration)
    search = try Self.search(model, configuration)
  }

  /// Seconds of one of many pieces of work, of which `count` are done at a time, from about two seconds of it.
  private static func rate(inPieces count: Int, _ work: (Int) throws -> Void) throws -> Double {
    var (pieces, seconds) = (0, 0.0)
    while seconds < 2 {
      seconds += try timed { try work(count) }.seconds
      pieces += count
    }
    return seconds / Double(pieces)
  }

  /// Of all heads for one probe image more: what a search for the neighbours of the gallery and of the texts takes.
  private static func search(_ model: CLIPModel, _ configuration: AtlasConfiguration) throws -> Double {
    let (shape, rows) = (model.shape, 1000)
    let head = Head(layer: 0, head: 0)
    let features = HeadContributions(
      shape: TowerShape(
        layers: 1, heads: 1, headWidth: shape.headWidth, width: shape.headWidth, embeddingWidth: shape.embeddingWidth,
        gridSide: 1),
      spaces: [model.spaces[0]], coordinates: [noise([rows, shape.headSpaceWidth])],
      mlp: Tensor(zeros: [0, 2, shape.embeddingWidth]), embeddings: noise([rows, shape.embeddingWidth]))
    let (images, texts) = (configuration.gallery.images.count, configuration.texts.count)
    let hasFacts = configuration.probe.images.prefix(100).contains { !$0.scene.isEmpty }
    func one(_ index: NeighbourIndex, _ coordinates: Tensor, _ count: Int) throws {
      _ = try index.nearest(to: (0..<count).map { index.query(image: coordinates.row($0 % rows)) }, count: 8)
    }
    let heads = try timed {
      for count in [images, texts] + (hasFacts ? [images] : []) {
        try one(NeighbourIndex(head: head, of: features), features.coordinates[0], count)
      }
      _ = try NeighbourIndex(head: head, of: features).extremes(count: 8)
    }.seconds
    let properties = try timed {
      try one(NeighbourIndex(vectors: features.embeddings, name: ""), features.embeddings, images)
    }.seconds
    return
      (heads * Double(shape.headCount) / Double(model.threads)
      + properties * Double(configuration.properties.count)) / Double(rows)
  }

  private static func labelTexts(_ configuration: AtlasConfiguration) -> Int {
    let asked = Mutex(0)
    let lines = Array(configuration.pool.prefix(1))
    // Labels of made-up embeddings say nothing, and may be refused; what is encoded for them was counted by then.
    let names = PropertyNames(declared: [], examples: configuration.examples)
    _ = try? InContextLabeller(examples: configuration.examples, pool: configuration.pool, names: names) { texts in
      asked.withLock { $0 += texts.count }
      return noise([texts.count, 8])
    }.label(heads: [lines], shares: [lines.map { _ in 1 }])
    return asked.withLock { $0 }
  }

  /// From a few heads over made-up images and a made-up pool of the true size.
  private static func heads(_ model: CLIPModel, _ configuration: AtlasConfiguration) throws -> Double {
    let shape = model.shape
    let pool = noise([configuration.pool.count, shape.embeddingWidth])
    let coordinates = noise([min(configuration.probe.images.count, 1000), shape.headSpaceWidth])
    let count = 4 * model.threads
    let describer = HeadDescriber(
      texts: pool, count: DescribedByMethods.count, rank: configuration.textSpanRank)
    let times = try inParallel(count, threads: model.threads) { place in
      var statistics = HeadStatistics(width: shape.headSpaceWidth)
      let (_, adding) = timed { statistics.add(coordinates) }
      let head = place % model.spaces.count
      let basis = model.spaces[head].basis
      var halves = HalvedStatistics(width: shape.headSpaceWidth)
      halves.add(statistics)
      halves.add(statistics)
      let (_, describing) = try timed {
        _ = try describer.describe(halves, basis: basis, white: model.whiteCovariances[head])
        _ = try textSpan(
          statistics: statistics, basis: basis, texts: pool, count: configuration.textSpanCount,
          rank: configuration.textSpanRank)
        _ = try statistics.totalVariance(basis: basis)
        _ = try statistics.effectiveRank(basis: basis)
      }
      return describing + adding * Double(configuration.probe.images.count) / Double(max(coordinates.rows, 1))
    }
    return times.reduce(0, +) / Double(count) * Double(shape.headCount) / Double(model.threads)
  }
}

/// Seeded numbers between −1 and 1.
private func noise(_ shape: [Int]) -> Tensor {
  var numbers = SeededNumbers(seed: 0)
  return Tensor(
    shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &numbers) })
}

private func timed<Value>(_ body: () throws -> Value) rethrows -> (value: Value, seconds: Double) {
  let start = ContinuousClock.now
  let value = try body()
  return (value, start.secondsUntilNow)
}

/// The largest resident set of this process so far, in bytes; nil where the system does not say.
package func peakMemory() -> Int? {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
}
