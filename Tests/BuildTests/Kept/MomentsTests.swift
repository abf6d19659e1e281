import Analysis
import Attribution
import Build
import Checkpoints
import Descriptions
import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Moments") struct MomentsTests {
  /// Atlases of the trained models: the embedded one, and one of photographs.
  private static func withAtlases(_ body: (_ configuration: String, _ cache: String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try body(Fixtures.root.path + "/content/atlas.yml", folder + "/world")
      guard let real = Fixtures.shared("real") else { return }
      let description = """
        title: Photographs
        models:
          - {id: ti, path: \(real)/ViT-Ti-16}
        probe: {images: \(real)/photos}
        gallery: {images: gallery}
        texts: texts.txt
        pool: \(real)/texts.txt
        """
      try makeFolder(folder + "/gallery")
      try FileManager.default.copyItem(
        atPath: real + "/photos/photo-01.jpg", toPath: folder + "/gallery/photo.jpg")
      try writeFile("a dog\n".utf8, to: folder + "/texts.txt")
      try writeFile(description.utf8, to: folder + "/atlas.yml")
      try body(folder + "/atlas.yml", folder + "/real")
    }
  }

  @Test("give the descriptions, variances and ranks that features give, for every head of both trained models")
  func likeFeatures() throws {
    try Self.withAtlases { configuration, cache in
      let evidence = try #require(
        try atlasEvidence(configuration: configuration, plugins: [], cache: cache).first)
      let features = evidence.probe.features
      var variances: [Double] = []
      for (place, head) in evidence.shape.allHeads.enumerated() {
        // All images in one run, without blocks.
        var values: [Float] = []
        try features.forEachBlock(of: head) { values += $1.values }
        let width = features.spaces[place].width
        var statistics = HeadStatistics(width: width)
        statistics.add(Tensor(shape: [values.count / width, width], values: values))
        let basis = features.spaces[place].basis
        let found = evidence.heads[place]
        let expected = try textSpan(
          statistics: statistics, basis: basis, texts: evidence.pool.embeddings, count: found.descriptions.count,
          rank: 80)
        #expect(found.descriptions.map(\.index) == expected.map(\.index), "\(evidence.model) \(head)")
        let worst = WorstDifference(
          found.descriptions.flatMap { [$0.standardDeviation, $0.explainedVariance] },
          expected.flatMap { [$0.standardDeviation, $0.explainedVariance] })
        // Directions are rounded to float32 before texts are projected on them: a last bit in double shows as one of float32.
        #expect(worst.value < 1e-7, "\(evidence.model) \(head): \(worst)")
        #expect(abs(found.effectiveRank - (try statistics.effectiveRank(basis: basis))) < 1e-7)
        variances.append(try statistics.totalVariance(basis: basis))
      }
      let shares = variances.map { $0 / variances.reduce(0, +) }
      let worst = WorstDifference(evidence.heads.map(\.variance), shares)
      #expect(worst.value < 1e-12, "\(worst)")
    }
  }

  private static let world = Fixtures.root.path + "/content/models/picture-world"

  @Test("are written as documented, and textspan reads them in place of images") func exported() throws {
    try Fixtures.withTemporaryFolder { folder in
      let images = Fixtures.root.path + "/content/images/probe"
      let file = folder + "/moments.safetensors"
      try writeMoments(
        MomentsOptions(model: Self.world, images: [images], output: file), progress: SilentProgress())
      let moments = try SafetensorsFile(path: file)
      #expect(moments.names == ["co_moments", "counts", "means"])
      #expect(moments.shape(of: "counts") == [8])
      #expect(moments.shape(of: "means") == [24, 8, 51])
      #expect(moments.shape(of: "co_moments") == [24, 8, 1326])
      let counts = try (0..<8).flatMap { try moments.doubles("counts", at: $0) }
      #expect(counts.reduce(0, +) == 400)
      #expect(counts.allSatisfy { (30...70).contains($0) })
      func described(_ images: TextSpanOptions.Images) throws -> String {
        let output = folder + "/heads.json"
        try describeHeads(
          TextSpanOptions(
            model: Self.world, images: images, texts: Fixtures.root.path + "/content/texts/pool.txt", count: 5,
            layers: .all, rank: 80, output: output), progress: SilentProgress())
        return try readText(output)
      }
      #expect(try described(.moments(file)) == (try described(.paths([images]))))
      func describedByAll(_ images: TextSpanOptions.Images) throws -> String {
        let output = folder + "/methods.json"
        try describeHeads(
          TextSpanOptions(
            model: Self.world, images: images, texts: Fixtures.root.path + "/content/texts/pool.txt", count: 3,
            layers: .list([5]), rank: 80, output: output), by: try MethodChoice([]), progress: SilentProgress())
        return try readText(output)
      }
      let whole = try describedByAll(.moments(file))
      #expect(try describedByAll(.paths([images])) == whole)
      let heads = try #require(
        (try JSONSerialization.jsonObject(with: Data(whole.utf8)) as? [String: Any])?["heads"]
          as? [String: [String: Any]])
      #expect(heads.keys.sorted() == ["L05.H00", "L05.H01", "L05.H02", "L05.H03"])
      for head in heads.values {
        let methods = try #require(head["methods"] as? [String: [String: Any]])
        #expect(methods.keys.sorted() == MethodChoice.names.sorted())
        #expect(methods.values.allSatisfy { ($0["texts"] as? [String])?.count == 3 })
        // 8 blocks: what is explained of images that texts were not chosen by is known.
        #expect(methods.values.allSatisfy { ($0["held_out_variance"] as? [Double])?.count == 3 })
        #expect((head["directions"] as? [[String: Any]])?.count == 5)
      }
    }
  }

  @Test("of another model, or damaged, are refused") func refused() throws {
    try Fixtures.withTemporaryFolder { folder in
      let file = folder + "/moments.safetensors"
      try writeMoments(
        MomentsOptions(
          model: Self.world, images: [Fixtures.root.path + "/content/images/gallery"], output: file),
        progress: SilentProgress())
      func describe(_ model: String, _ moments: String) throws {
        try describeHeads(
          TextSpanOptions(
            model: model, images: .moments(moments), texts: Fixtures.root.path + "/content/texts/pool.txt", count: 2,
            layers: .all, rank: 80, output: folder + "/heads.json"), progress: SilentProgress())
      }
      #expect(throws: FileError.self) { try describe(Self.world, folder + "/none") }
      let texts = Fixtures.root.path + "/content/texts/pool.txt"
      #expect(throws: BuildError.moments(file: texts, problem: .ofAnother)) { try describe(Self.world, texts) }
      #expect(throws: BuildError.moments(file: file, problem: .ofAnother)) {
        try describe(Fixtures.golden("formats/hugging-face-safetensors"), file)
      }
      var bytes = try readFile(file)
      bytes[bytes.count - 5] ^= 0x40
      try writeFile(bytes, to: file)
      #expect(throws: BuildError.moments(file: file, problem: .damaged)) { try describe(Self.world, file) }
    }
  }
}
