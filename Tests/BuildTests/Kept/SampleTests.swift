import Analysis
import Attribution
import Build
import Checkpoints
import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("An atlas that keeps no features", .serialized) struct SampleTests {
  private func withAtlas(_ sample: Int = 40, _ body: (SmallAtlas) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(dividedIn: folder)
      try atlas.edit("title: Small", "title: Small\nfeatures: none\nsample: \(sample)")
      try body(atlas)
    }
  }

  private func evidence(_ atlas: SmallAtlas) throws -> ModelEvidence {
    try #require(
      try atlasEvidence(configuration: atlas.configuration, plugins: allPlugins, cache: atlas.cache.folder).first)
  }

  private func files(_ atlas: SmallAtlas, _ prefix: String) throws -> [String: Data] {
    try atlas.files(of: atlas.cache.folder).filter { $0.key.hasPrefix(prefix) }
  }

  @Test("has the moments and descriptions of all images, and looks single ones up in a sample") func sample() throws {
    try withAtlas { atlas in
      let found = try evidence(atlas)
      #expect(found.probe.items.count == 40 && found.probe.imageCount == 210 && found.probe.isSample)
      let ids = found.probe.items.map(\.reference.id)
      #expect(ids == ids.sorted() && Set(ids).count == 40)
      // Of no run of images alone: half of the set has about half of the sample.
      #expect((10...30).contains(ids.prefix { $0 < "probe-105" }.count), "\(ids)")
      let kept = try files(atlas, "probe-").keys.map { try SafetensorsFile(path: "\(atlas.cache.folder)/\($0)") }
      #expect(kept.reduce(0) { $0 + ($1.shape(of: "coordinates")?[1] ?? 0) } == 40, "features of the sample alone")
      let moments = try files(atlas, "moments-")
      #expect(moments.count == 8)
      try atlas.cache.clear()
      try atlas.edit("features: none\nsample: 40", "features: fp32")
      let whole = try evidence(atlas)
      #expect(whole.probe.items.count == 210 && !whole.probe.isSample)
      try #expect(files(atlas, "moments-") == moments)
      #expect(found.heads.map(\.descriptions) == whole.heads.map(\.descriptions))
      #expect(found.heads.map(\.stability) == whole.heads.map(\.stability))
      // What single images have is the same wherever they are looked up, but for the batch that they ran in.
      let head = found.shape.allHeads[20]
      func rows(_ evidence: ModelEvidence) throws -> [String: [Float]] {
        var rows: [String: [Float]] = [:]
        try evidence.probe.features.forEachBlock(of: head) { places, block in
          for row in 0..<block.rows {
            rows[evidence.probe.items[places.lowerBound + row].reference.id] = Array(block.row(row))
          }
        }
        return rows
      }
      let (some, all) = (try rows(found), try rows(whole))
      for (id, values) in some {
        let expected = try #require(all[id])
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-4 * max(abs($1), 1) }, "\(id)")
      }
    }
  }

  @Test("has another sample by one image at most where the set has one more") func stable() throws {
    try withAtlas { atlas in
      let before = Set(try evidence(atlas).probe.items.map(\.reference.id))
      try FileManager.default.removeItem(atPath: atlas.folder + "/probe/probe-100.jpg")
      let after = Set(try evidence(atlas).probe.items.map(\.reference.id))
      #expect(before.subtracting(after).count <= 1 && after.count == 40)
    }
  }

  @Test("says on its pages what is of all images and what of a sample, with the same bytes for any number of threads")
  func pages() throws {
    try withAtlas { atlas in
      try atlas.build(compute: ComputeOptions(jobs: 1))
      let site = try atlas.files()
      func text(_ page: String) -> String { String(decoding: site[page] ?? Data(), as: UTF8.self) }
      #expect(
        text("method/index.html").contains("of all 210 probe images")
          && text("method/index.html").contains("in 40 of them"))
      #expect(text("model/small/head/L05.H01/index.html").contains("over 210 probe images"))
      #expect(text("model/small/head/L05.H01/index.html").contains("Around the median of 40"))
      #expect(text("atlas.json").contains("210"))
      try atlas.cache.clear()
      try atlas.build(compute: ComputeOptions(jobs: 2))
      try #expect(atlas.files() == site)
    }
  }

  @Test("takes the moments of merged shards, and runs its sample alone") func shards() throws {
    try withAtlas { atlas in
      let shards = atlas.folder + "/shards"
      _ = try writeManifest(
        ManifestOptions(configuration: atlas.configuration, output: shards), plugins: allPlugins,
        progress: SilentProgress())
      for index in 0..<3 {
        try computeShards(
          ShardOptions(output: shards, shard: Shard(index: index, count: 3)), progress: SilentProgress()
        ) { #expect($0.bytes < 4_000_000, "moments alone, as the atlas says") }
      }
      try mergeShards(MergeOptions(folder: shards), progress: SilentProgress()) { _ in }
      try #expect(files(atlas, "probe-").isEmpty)
      let stages = RecordedStages()
      try atlas.build(progress: stages)
      #expect(stages.all.contains("small: probe images") && !stages.all.contains("small: moments of probe images"))
      let site = try atlas.files()
      try atlas.cache.clear()
      try atlas.build()
      try #expect(atlas.files() == site)
    }
  }

  @Test("with a sample that is no smaller is like any other, and runs no image twice") func wholeSample() throws {
    try withAtlas(300) { atlas in
      let stages = RecordedStages()
      try atlas.build(progress: stages)
      #expect(!stages.all.contains("small: moments of probe images") && stages.all.contains("small: probe images"))
      let found = try evidence(atlas)
      #expect(found.probe.items.count == 210 && !found.probe.isSample)
    }
  }
}
