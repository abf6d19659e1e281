import Build
import Checkpoints
import Files
import Foundation
import Site
import Tensors
import TestSupport
import Testing

@Suite("Building an atlas", .serialized) struct BuildTests {
  private func withAtlas(_ body: (SmallAtlas) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { try body(try SmallAtlas(in: $0)) }
  }

  @Test("gives a whole site, as large as planned, whose ledger closes") func whole() throws {
    try withAtlas { atlas in
      let report = try atlas.build()
      #expect(report.models.map(\.id) == ["small"])
      #expect(report.models[0].ledgerResidual <= 5e-6)
      let planned = try planAtlas(configuration: atlas.configuration, plugins: allPlugins).pages
      #expect(report.pages == planned)
      #expect(try checkSite(at: atlas.site) == [])
    }
  }

  @Test("is forecast in all its parts, and leaves nothing behind") func forecast() throws {
    try withAtlas { atlas in
      let before = try FileManager.default.contentsOfDirectory(atPath: atlas.folder).sorted()
      let stages = RecordedStages()
      let forecast = try forecastBuild(
        configuration: atlas.configuration, plugins: allPlugins, compute: ComputeOptions(jobs: 1), progress: stages)
      #expect(forecast.parts.map(\.name) == ["images", "texts", "heads", "analyses", "pages"])
      #expect(forecast.parts.allSatisfy { $0.seconds.isFinite && $0.seconds > 0 }, "\(forecast.parts)")
      #expect(forecast.seconds == forecast.parts.reduce(0) { $0 + $1.seconds })
      // Its weights alone take more.
      #expect(try #require(forecast.memory) > 4_000_000)
      #expect(stages.all == ["trying small builds"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: atlas.folder).sorted() == before)
      let real = try atlas.build().bytes
      #expect(Double(abs(forecast.bytes - real)) < 0.25 * Double(real), "\(forecast.bytes) of \(real)")
    }
  }

  @Test("is forecast about as large as it becomes, from a small part of its gallery") func forecastOfMany() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder, gallery: 60)
      let forecast = try forecastBuild(
        configuration: atlas.configuration, plugins: allPlugins, progress: SilentProgress()
      ).bytes
      let real = try atlas.build().bytes
      #expect(Double(abs(forecast - real)) < 0.25 * Double(real), "\(forecast) of \(real)")
    }
  }

  @Test("gives the same bytes from the cache, without looking at images, and for any number of threads")
  func sameBytes() throws {
    try withAtlas { atlas in
      try atlas.build(compute: ComputeOptions(jobs: 1))
      let first = try atlas.files()
      let stages = RecordedStages()
      try atlas.build(progress: stages)
      #expect(try atlas.files() == first)
      #expect(!stages.all.contains { $0.contains("images") }, "\(stages.all)")
      try atlas.cache.clear()
      #expect(atlas.cache.size().files == 0)
      try atlas.build(compute: ComputeOptions(jobs: 3))
      #expect(try atlas.files() == first)
    }
  }

  @Test("computes again what is damaged in the cache") func damagedCache() throws {
    try withAtlas { atlas in
      // A build keeps what it found where all files are older than it.
      usleep(100_000)
      try atlas.build()
      let first = try atlas.files()
      // What plugins found and what the last build was made from are looked at where not all is asked for.
      for always in [true, false] {
        let names = try FileManager.default.contentsOfDirectory(atPath: atlas.cache.folder)
        #expect(["results-", "built-"].allSatisfy { kind in names.contains { $0.hasPrefix(kind) } })
        for name in names {
          let path = atlas.cache.folder + "/" + name
          var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
          bytes[bytes.count - 5] ^= 0x40
          try bytes.write(to: URL(fileURLWithPath: path))
        }
        let stages = RecordedStages()
        try atlas.build(always: always, progress: stages)
        #expect(stages.all.contains("small: probe images"))
        #expect(try atlas.files() == first)
      }
    }
  }

  @Test("keeps large image sets in pieces, so that an interrupted build goes on where it was") func shards() throws {
    try withAtlas { atlas in
      let first = try FileManager.default.contentsOfDirectory(atPath: atlas.folder + "/probe").sorted()
      for copy in 0..<1010 {
        let name = first[copy % first.count]
        try FileManager.default.copyItem(
          atPath: "\(atlas.folder)/probe/\(name)", toPath: "\(atlas.folder)/probe/copy-\(copy).jpg")
      }
      try atlas.build()
      let site = try atlas.files()
      func pieces() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: atlas.cache.folder)
          .filter { $0.hasPrefix("probe-") || $0.hasPrefix("moments-") }.sorted()
      }
      let whole = try pieces()
      // Features and moments of 32 blocks, of which some are of the same images as others.
      let count = whole.count / 2
      try #require((20...32).contains(count) && whole.count == 2 * count)
      // A piece that is computed in a run of its own combines with the others to the very same bits.
      for place in [0, count - 1] {
        for piece in [whole[place], whole[count + place]] {
          try FileManager.default.removeItem(atPath: atlas.cache.folder + "/" + piece)
        }
        try atlas.build()
        #expect(try pieces() == whole)
        #expect(try atlas.files() == site)
      }
      try checkTextSpan(agreesWith: atlas)
    }
  }

  /// `headatlas textspan` has the numbers of the build, but for texts that were embedded in other batches.
  private func checkTextSpan(agreesWith atlas: SmallAtlas) throws {
    let output = atlas.folder + "/heads.json"
    try describeHeads(
      TextSpanOptions(
        model: Fixtures.root.path + "/content/models/picture-world", images: .paths([atlas.folder + "/probe"]),
        texts: atlas.folder + "/pool.txt", count: 6, layers: .list([5]), rank: 80, output: output),
      progress: SilentProgress())
    func json(_ path: String) throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
    }
    let heads = try #require(try json(output)["heads"] as? [String: [String: [[String: Any]]]])
    for (name, entry) in heads {
      let page = try json("\(atlas.site)/model/small/head/\(name)/index.json")
      let sections = try #require(page["sections"] as? [[String: Any]])
      let descriptions = try #require(sections.first { $0["title"] as? String == "Descriptions and label" })
      let blocks = try #require(descriptions["blocks"] as? [[String: Any]])
      let table = try #require(blocks.compactMap { $0["table"] as? [String: Any] }.first?["rows"] as? [[Any]])
      let lines = try #require(entry["descriptions"])
      #expect(lines.map { $0["text"] as? String } == table.map { $0[0] as? String })
      let worst = WorstDifference(
        lines.compactMap { $0["standard_deviation"] as? Double }, table.compactMap { $0[1] as? Double })
      #expect(worst.value < 1e-6, "\(worst)")
    }
  }

  @Test("needs no cache that can be written, and leaves nothing elsewhere") func unwritableCache() throws {
    try withAtlas { atlas in
      try atlas.build()
      let first = try atlas.files()
      try FileManager.default.removeItem(atPath: atlas.cache.folder)
      try atlas.write("in the way", to: ".headatlas")
      try atlas.build()
      #expect(try atlas.files() == first)
      let left = try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory())
      #expect(left.filter { $0.hasPrefix("headatlas-features-") } == [])
    }
  }

  @Test("with features in fp16 takes half the space and loses no more than halves do") func halves() throws {
    try withAtlas { atlas in
      try atlas.build()
      func shard() throws -> SafetensorsFile {
        let names = try FileManager.default.contentsOfDirectory(atPath: atlas.cache.folder)
          .filter { $0.hasPrefix("probe-") }
        return try SafetensorsFile(path: atlas.cache.folder + "/" + (try #require(names.first)))
      }
      let whole = try shard()
      try atlas.cache.clear()
      try atlas.edit("title: Small", "title: Small\nfeatures: fp16")
      try atlas.build(compute: ComputeOptions(jobs: 1))
      let site = try atlas.files()
      try atlas.build(compute: ComputeOptions(jobs: 2))
      #expect(try atlas.files() == site)
      let half = try shard()
      #expect(Double(half.byteCount) < 0.56 * Double(whole.byteCount))
      for name in ["coordinates", "embeddings"] {
        let matrices = try #require(whole.shape(of: name))[0]
        for index in 0..<matrices {
          let (numbers, scales) = (
            try half.tensor(name, at: index), try half.tensor(name + ".scales", at: index).values
          )
          let expected = try whole.tensor(name, at: index)
          for (place, value) in expected.values.enumerated() {
            let scale = scales[place % scales.count]
            #expect(scale.significand == 1)
            #expect(abs(value / scale) < 32768)
            #expect(abs(numbers.values[place] * scale - value) <= max(abs(value) / 2048, scale * 0x1p-25))
          }
        }
      }
    }
  }

  @Test("gives the same bytes however the path of its description is written") func path() throws {
    try withAtlas { atlas in
      try atlas.build()
      let first = try atlas.files()
      // From the working folder up to the root, and down again.
      let working = FileManager.default.currentDirectoryPath
      let up = String(repeating: "../", count: working.split(separator: "/").count)
      for path in [up + atlas.configuration.dropFirst(), atlas.folder + "/gallery/../atlas.yml"] {
        let options = BuildOptions(configuration: path, output: atlas.site, always: true)
        _ = try buildAtlas(options, plugins: allPlugins, progress: SilentProgress())
        #expect(try atlas.files() == first, "\(path)")
      }
      let page = try readText(atlas.site + "/image/gallery-000/index.json")
      #expect(page.contains("headatlas build --config atlas.yml --only 'image/gallery-000'"))
    }
  }

  @Test("of some pages leaves the others as they are") func only() throws {
    try withAtlas { atlas in
      #expect(throws: BuildError.noSite(path: atlas.site)) { try atlas.build(only: "image/*") }
      try atlas.build()
      let first = try atlas.files()
      try atlas.edit("title: Small", "title: Renamed")
      #expect(try atlas.build(only: "image/*").pages == 3)
      let second = try atlas.files()
      let changed = Set(second.filter { first[$0.key] != $0.value }.keys.filter { $0.hasSuffix(".html") })
      #expect(changed == Set(["000", "001", "002"].map { "image/gallery-\($0)/index.html" }))
      #expect(throws: InputProblems.self) { try atlas.build(only: "nothing/*") }
    }
  }

  @Test("that fails leaves the old site whole, and nothing beside it") func failure() throws {
    try withAtlas { atlas in
      try atlas.build()
      let first = try atlas.files()
      try atlas.write("not an image", to: "gallery/gallery-001.jpg")
      #expect(throws: (any Error).self) { try atlas.build() }
      #expect(try atlas.files() == first)
      let names = try FileManager.default.contentsOfDirectory(atPath: atlas.folder)
      #expect(!names.contains { $0.contains("staging") || $0.contains(".old") }, "\(names)")
    }
  }

  @Test("refuses a folder that it did not write") func foreign() throws {
    try withAtlas { atlas in
      try FileManager.default.createDirectory(atPath: atlas.site, withIntermediateDirectories: true)
      try atlas.write("years of work", to: "site/thesis.txt")
      #expect(throws: BuildError.foreignFolder(path: atlas.site)) { try atlas.build() }
      #expect(FileManager.default.fileExists(atPath: atlas.site + "/thesis.txt"))
    }
  }

  @Test("prefers labels given by hand and says so") func handLabels() throws {
    try withAtlas { atlas in
      try atlas.write("L5.H0: Colour\n", to: "labels.yml")
      try atlas.edit("path: ", "labels: labels.yml, path: ")
      try atlas.build()
      let page = try String(contentsOfFile: atlas.site + "/model/small/head/L05.H00/index.html", encoding: .utf8)
      #expect(page.contains("<p>The label was given by hand. "))
      try atlas.write("L6.H0: Colour\n", to: "labels.yml")
      #expect(throws: InputProblems.self) { try atlas.build() }
    }
  }

  @Test(
    "of real photographs with a model trained on them is whole too",
    .enabled(if: Fixtures.shared("real") != nil, "needs ../shared/real"))
  func real() throws {
    let real = try #require(Fixtures.shared("real"))
    try Fixtures.withTemporaryFolder { folder in
      let texts = folder + "/texts.txt"
      try Data("tabby cat\nvehicle\nbird\n".utf8).write(to: URL(fileURLWithPath: texts))
      try Data(
        """
        title: Photographs
        models: [{id: vit-ti-16, path: \(real)/ViT-Ti-16}]
        probe: {images: \(real)/photos}
        gallery: {images: \(real)/photos}
        texts: texts.txt
        pool: \(real)/texts.txt
        contrasts: [{image: photo-01, texts: [tabby cat, vehicle]}]
        """.utf8
      ).write(to: URL(fileURLWithPath: folder + "/atlas.yml"))
      let report = try buildAtlas(
        BuildOptions(configuration: folder + "/atlas.yml", output: folder + "/site", strict: true), plugins: allPlugins,
        progress: SilentProgress())
      print("real photographs: \(report)")
      #expect(report.models[0].ledgerResidual <= 5e-6)
      #expect(report.pages > 36 + 56)
    }
  }
}
