import Build
import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite("Shards", .serialized) struct ShardTests {
  private func withAtlas(_ body: (SmallAtlas, String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try body(try SmallAtlas(dividedIn: folder + "/a"), folder + "/shards")
    }
  }

  private func manifest(_ atlas: SmallAtlas, _ shards: String) throws {
    let made = try writeManifest(
      ManifestOptions(configuration: atlas.configuration, output: shards), plugins: allPlugins,
      progress: SilentProgress())
    #expect(made.images == 210 && made.models == ["small"])
  }

  @discardableResult
  private func compute(
    _ index: Int, of count: Int, in shards: String, features: KeptFeatures? = nil,
    _ compute: ComputeOptions = ComputeOptions()
  ) throws -> ShardReport {
    var found: ShardReport?
    try computeShards(
      ShardOptions(
        output: shards, shard: Shard(index: index, count: count), features: features, compute: compute),
      progress: SilentProgress()
    ) { found = $0 }
    return try #require(found)
  }

  @discardableResult
  private func merge(_ shards: String, into atlas: SmallAtlas? = nil, moments: String? = nil) throws -> MergeReport {
    var found: MergeReport?
    try mergeShards(
      MergeOptions(folder: shards, configuration: atlas?.configuration, moments: moments), progress: SilentProgress()
    ) { found = $0 }
    return try #require(found)
  }

  /// What the cache of an atlas has of its probe set, with the bytes.
  private func kept(_ atlas: SmallAtlas) throws -> [String: Data] {
    try atlas.files(of: atlas.cache.folder).filter { $0.key.hasPrefix("probe-") || $0.key.hasPrefix("moments-") }
  }

  /// With small pieces blocks are divided among shards.
  @Test(
    "merged in any order give the bytes of one process, however many there are",
    arguments: [(1024, [8, 13]), (13, [1, 3, 17])])
  func bytes(pieceSize: Int, counts: [Int]) throws {
    try withAtlas { single, _ in
      let options = ComputeOptions(pieceSize: pieceSize)
      try single.build(compute: options)
      for count in counts {
        let folder = single.folder + "-\(count)"
        let (atlas, shards) = (try SmallAtlas(dividedIn: folder), folder + "/shards")
        try manifest(atlas, shards)
        for index in (0..<count).shuffled() {
          let made = try compute(
            index, of: count, in: shards, ComputeOptions(jobs: 1 + index % 3, pieceSize: pieceSize))
          #expect(made.computed == made.images && !made.isUnchanged)
        }
        let merged = try merge(shards)
        #expect(merged.shards == count && merged.images == 210 && merged.blocks == 8)
        #expect(try kept(atlas) == kept(single))
        let stages = RecordedStages()
        try atlas.build(compute: options, progress: stages)
        #expect(stages.all.isDisjoint(with: ["small: probe images", "small: moments"]), "\(stages.all)")
        #expect(try kept(atlas) == kept(single))
        #expect(try atlas.files() == (try single.files()))
      }
    }
  }

  @Test("that stop at an image keep the batches before it") func part() throws {
    try withAtlas { atlas, shards in
      try manifest(atlas, shards)
      // In the middle of the first of two shards, which is four pieces.
      let image = "\(atlas.folder)/probe/probe-052.jpg"
      let bytes = try readFile(image)
      try writeFile(bytes + [0], to: image)
      let options = ComputeOptions(jobs: 1)
      #expect(throws: ShardError.changedImage(path: image)) { try compute(0, of: 2, in: shards, options) }
      let work = shards + "/small/.shard-0000-of-0002"
      #expect(try FolderNames(of: work).names.contains { $0.hasSuffix(".part.safetensors") })
      try writeFile(bytes, to: image)
      let made = try compute(0, of: 2, in: shards, options)
      // No batch has more than twenty images.
      #expect((made.images - 52...made.images - 32).contains(made.computed), "\(made)")
      try compute(1, of: 2, in: shards)
      try merge(shards)
      let found = try kept(atlas)
      try atlas.cache.clear()
      try atlas.build()
      #expect(try kept(atlas) == found)
    }
  }

  @Test("computed again do nothing, and merged again neither") func again() throws {
    try withAtlas { atlas, shards in
      try manifest(atlas, shards)
      for index in 0..<2 { try compute(index, of: 2, in: shards, features: .fp16) }
      try merge(shards)
      let (files, cache) = (try atlas.files(of: shards), try kept(atlas))
      #expect(files.keys.allSatisfy { !$0.contains(".shard") && !$0.contains(".partial") })
      let stages = RecordedStages()
      try computeShards(
        ShardOptions(output: shards, shard: Shard(index: 1, count: 2), features: .fp16), progress: stages
      ) { #expect($0.isUnchanged && $0.computed == 0) }
      #expect(stages.all == [])
      try merge(shards)
      #expect(try atlas.files(of: shards) == files)
      #expect(try kept(atlas) == cache)
    }
  }

  @Test("without features have the moments that features give, and take room that does not grow with the images")
  func momentsAlone() throws {
    try withAtlas { atlas, shards in
      try manifest(atlas, shards)
      for index in 0..<4 {
        try compute(index, of: 4, in: shards, features: .momentsAlone, ComputeOptions(pieceSize: 13))
      }
      #expect(try atlas.files(of: shards).keys.allSatisfy { !$0.contains("/probe-") })
      mkfifo(shards + "/pipe", 0o600)
      let refusal = #expect(throws: FileError.self) { try merge(shards, moments: shards + "/pipe") }
      #expect(refusal?.description.contains("it is a pipe") == true && FileKind(of: shards + "/pipe") == .pipe)
      #expect(try kept(atlas) == [:])
      try writeFile([], to: shards + "/target")
      symlink("target", shards + "/link")
      try merge(shards, moments: shards + "/link")
      #expect(FileKind(of: shards + "/link", followsLinks: false) == .link)
      try merge(shards, moments: shards + "/moments.safetensors")
      #expect(try readFile(shards + "/target") == readFile(shards + "/moments.safetensors"))
      let single = try SmallAtlas(dividedIn: folder(of: shards) + "/b")
      try single.build(compute: ComputeOptions(pieceSize: 13))
      #expect(try kept(atlas) == kept(single).filter { $0.key.hasPrefix("moments-") })
      // As the command writes them that takes images.
      try writeMoments(
        MomentsOptions(
          model: Fixtures.root.path + "/content/models/picture-world",
          images: [atlas.folder + "/probe"], output: shards + "/direct.safetensors",
          compute: ComputeOptions(pieceSize: 13)), progress: SilentProgress())
      #expect(
        try readFile(shards + "/moments.safetensors") == readFile(shards + "/direct.safetensors"))
    }
  }

  @Test("are forecast about as large as they become") func forecast() throws {
    try withAtlas { atlas, shards in
      let forecast = try forecastBuild(
        configuration: atlas.configuration, plugins: allPlugins, compute: ComputeOptions(jobs: 1), shards: 4,
        progress: SilentProgress())
      let part = try #require(forecast.shards?.first)
      #expect(part.model == "small" && part.shards == 4 && (50...55).contains(part.images) && part.empty == 0)
      #expect(part.seconds > 0 && part.memory > 4_000_000)
      #expect(forecast.lines.contains(part.line))
      try manifest(atlas, shards)
      let made = try (0..<4).map { try compute($0, of: 4, in: shards) }
      let largest = try #require(made.map(\.bytes).max())
      let predicted = part.features + part.moments
      #expect(Double(abs(predicted - largest)) < 0.25 * Double(largest), "\(predicted) of \(largest)")
    }
  }

  @Test("that are missing are named as an array is") func missing() throws {
    try withAtlas { atlas, shards in
      try manifest(atlas, shards)
      #expect(throws: ShardError.noShards(folder: shards + "/small")) { try merge(shards) }
      for index in [0, 1, 2, 4, 5, 6] { try compute(index, of: 10, in: shards) }
      let error = #expect(throws: ShardError.self) { try merge(shards) }
      #expect(error?.description.contains("shards 3,7-9 of 10 are missing") == true)
      #expect(try kept(atlas) == [:])
    }
  }

  @Test("that do not belong together are refused, both by name") func mixed() throws {
    try withAtlas { atlas, shards in
      try manifest(atlas, shards)
      try compute(0, of: 2, in: shards)
      try compute(1, of: 2, in: shards, features: .fp16)
      let error = #expect(throws: ShardError.self) { try merge(shards) }
      let words = error?.description ?? ""
      #expect(words.contains("shard-0000-of-0002") && words.contains("shard-0001-of-0002"), "\(words)")
      #expect(words.contains("fp16") && words.contains("fp32"), "\(words)")
      #expect(throws: ShardError.self) { try compute(1, of: 2, in: shards) }
      try compute(0, of: 3, in: shards)
      #expect(throws: ShardError.mixedCounts(folder: shards + "/small", counts: [2, 3])) { try merge(shards) }
    }
  }

  @Test("of an image set that is not frozen, or is no more what it was, are refused") func changed() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder + "/a")
      let (shards, path) = (folder + "/shards", folder + "/shards/manifest.tsv")
      #expect(throws: ShardError.noManifest(path: path)) { try compute(0, of: 1, in: shards) }
      let options = ManifestOptions(configuration: atlas.configuration, output: shards)
      #expect(try !writeManifest(options, plugins: allPlugins, progress: SilentProgress()).isUnchanged)
      #expect(try writeManifest(options, plugins: allPlugins, progress: SilentProgress()).isUnchanged)
      let text = try readText(path)
      for (line, change) in [
        (7, { (text: String) in text + "x" }), (1, { $0.replacing("headatlas manifest\t1", with: "manifest") }),
        (5, { $0.replacing("features\tfp32", with: "features\tfp8") }),
        (7, { $0.replacing("images\t20", with: "images\t-2") }),
      ] as [(Int, (String) -> String)] {
        try writeFile(change(text).utf8, to: path)
        let error = #expect(throws: ShardError.self) { try compute(0, of: 1, in: shards) }
        if case .manifest(_, let found, _) = error {
          #expect(found >= line)
        } else {
          Issue.record("\(String(describing: error))")
        }
      }
      try writeFile(text.utf8, to: path)
      let other = try SmallAtlas(in: folder + "/b")
      #expect(throws: ShardError.otherAtlas(path: path, atlas: atlas.configuration, named: other.configuration)) {
        try computeShards(
          ShardOptions(output: shards, configuration: other.configuration, shard: Shard(index: 0, count: 1)),
          progress: SilentProgress()
        ) { _ in }
      }
      let first = try #require(
        try FileManager.default.contentsOfDirectory(atPath: atlas.folder + "/probe").sorted().first)
      let image = "\(atlas.folder)/probe/\(first)"
      try FileManager.default.removeItem(atPath: image)
      try FileManager.default.copyItem(atPath: atlas.folder + "/gallery/gallery-001.jpg", toPath: image)
      #expect(throws: ShardError.changedImage(path: image)) { try compute(0, of: 1, in: shards) }
    }
  }

  @Test("with damaged files are refused") func damaged() throws {
    try withAtlas { atlas, shards in
      try manifest(atlas, shards)
      for index in 0..<2 { try compute(index, of: 2, in: shards) }
      let folder = shards + "/small/shard-0001-of-0002"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      for prefix in ["moments-", "probe-", "shard"] {
        let name = try #require(names.first { $0.hasPrefix(prefix) })
        let bytes = try readFile("\(folder)/\(name)")
        // Of features it looks at the header, which has the digest of the numbers.
        var changed = prefix == "shard" ? Array(bytes.prefix(120)) : bytes
        changed[prefix == "moments-" ? bytes.count - 5 : 119] ^= 0x01
        try writeFile(changed, to: "\(folder)/\(name)")
        #expect(throws: ShardError.self, "\(prefix)") { try merge(shards) }
        try writeFile(bytes, to: "\(folder)/\(name)")
      }
      // Numbers whose products are none.
      let marker = folder + "/shard.json"
      let text = try readText(marker)
      for change in ["\"layers\" : 4611686018427387904", "\"headWidth\" : 9223372036854775807", "\"heads\" : -1"] {
        let key = change.prefix { $0 != ":" } + ": "
        let value = text.components(separatedBy: key)[1].prefix { $0.isNumber }
        try writeFile(text.replacing(key + value, with: change).utf8, to: marker)
        #expect(throws: ShardError.self, "\(change)") { try merge(shards) }
      }
      try writeFile(text.utf8, to: marker)
      try merge(shards)
    }
  }
}
