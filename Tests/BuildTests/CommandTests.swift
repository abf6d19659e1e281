import Build
import Checkpoints
import Files
import Foundation
import Hub
import Tensors
import TestSupport
import Testing

private let world = Fixtures.root.path + "/content/models/picture-world"
private let gallery = Fixtures.root.path + "/content/images/gallery"

@Suite("Commands") struct CommandTests {
  @Test("encode writes what it promises, rows in the order of file names, and the pieces add up") func encodes() throws
  {
    try Fixtures.withTemporaryFolder { folder in
      let (texts, output) = (folder + "/texts.txt", folder + "/out.safetensors")
      try Data("a red cat\n\n a blue boat \n".utf8).write(to: URL(fileURLWithPath: texts))
      try encode(
        EncodeOptions(
          model: world, images: [gallery + "/gallery-002.jpg", gallery + "/gallery-001.jpg"], texts: texts,
          patches: true, inputs: true, output: output), progress: SilentProgress())
      let file = try SafetensorsFile(path: output)
      #expect(
        file.metadata == [
          "images": #"["gallery-001.jpg","gallery-002.jpg"]"#, "texts": #"["a red cat","","a blue boat"]"#,
        ])
      let shapes = Dictionary(uniqueKeysWithValues: file.names.map { ($0, file.shape(of: $0) ?? []) })
      #expect(
        shapes == [
          "image_embeddings": [2, 128], "head_contributions": [2, 6, 4, 128], "mlp_contributions": [2, 7, 128],
          "text_embeddings": [3, 128], "patch_contributions": [2, 6, 100, 4, 128],
          "pixels": [2, 3, 80, 80], "tokens": [3, 24],
        ])
      // As open_clip has it: the two special tokens, which stand at the ends of the other texts too.
      let (red, empty) = (Array(try file.tensor("tokens").row(0)), Array(try file.tensor("tokens").row(1)))
      let end = try #require(red.lastIndex { $0 != 0 })
      #expect(empty == [red[0], red[end]] + [Float](repeating: 0, count: 22))
      let (embeddings, heads, mlp) = (
        try file.tensor("image_embeddings"), try file.tensor("head_contributions"), try file.tensor("mlp_contributions")
      )
      for image in 0..<2 {
        var sum = [Double](repeating: 0, count: 128)
        for (index, value) in heads.row(image).enumerated() { sum[index % 128] += Double(value) }
        for (index, value) in mlp.row(image).enumerated() { sum[index % 128] += Double(value) }
        let worst = WorstDifference(sum, Array(embeddings.row(image)))
        #expect(worst.value < 1e-6, "\(worst)")
      }
    }
  }

  @Test("textspan writes the layers asked for under padded names") func describes() throws {
    try Fixtures.withTemporaryFolder { folder in
      let (texts, output) = (Fixtures.root.path + "/content/texts/pool.txt", folder + "/out.json")
      try describeHeads(
        TextSpanOptions(
          model: world, images: .paths([gallery]), texts: texts, count: 3, layers: try #require(LayerChoice("2,4-5")),
          rank: 80,
          output: output), progress: SilentProgress())
      let whole =
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: output))) as? [String: Any]
      let heads = try #require(whole?["heads"] as? [String: [String: [[String: Any]]]])
      #expect(heads.count == 12)
      #expect(heads.keys.sorted().first == "L02.H00")
      let lines = try #require(heads["L05.H03"]?["descriptions"])
      #expect(lines.count == 3)
      #expect(Set(lines[0].keys) == ["text", "index", "standard_deviation", "explained_variance"])
      #expect(whole?["count"] as? Int == 3 && whole?["rank"] as? Int == 80 && whole?["model"] as? String == world)
    }
  }

  /// Five images, of which two are cut short.
  private func withDamaged(_ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try makeFolder(folder + "/images")
      for index in 0..<5 {
        let image = try readFile("\(gallery)/gallery-00\(index).jpg")
        try writeFile(image.dropLast([1, 3].contains(index) ? 300 : 0), to: "\(folder)/images/\(index).jpg")
      }
      try body(folder)
    }
  }

  @Test("encode, textspan and moments write to a file or where a link leads, and replace nothing else") func outputs()
    throws
  {
    try Fixtures.withTemporaryFolder { folder in
      let texts = Fixtures.root.path + "/content/texts/gallery.txt"
      func write(to name: String) throws {
        try encode(
          EncodeOptions(model: world, images: [], texts: texts, patches: false, output: "\(folder)/\(name)"),
          progress: SilentProgress())
      }
      func writeMoments(to name: String) throws {
        try Build.writeMoments(
          MomentsOptions(model: world, images: [gallery + "/gallery-000.jpg"], output: "\(folder)/\(name)"),
          progress: SilentProgress())
      }
      try write(to: "plain")
      let whole = try readFile(folder + "/plain")
      try makeFolder(folder + "/elsewhere")
      try writeFile("old".utf8, to: folder + "/elsewhere/target")
      symlink("elsewhere/target", folder + "/link")
      try write(to: "link")
      #expect(FileKind(of: folder + "/link", followsLinks: false) == .link)
      #expect(try readFile(folder + "/elsewhere/target") == whole)
      try writeMoments(to: "plain")
      try writeMoments(to: "link")
      #expect(FileKind(of: folder + "/link", followsLinks: false) == .link)
      #expect(try readFile(folder + "/elsewhere/target") == readFile(folder + "/plain"))

      mkfifo(folder + "/pipe", 0o600)
      symlink("nothing", folder + "/dead")
      symlink("/dev/null", folder + "/device")
      try writeFile("mine".utf8, to: folder + "/read-only")
      chmod(folder + "/read-only", 0o400)
      let refused = [
        "pipe": "it is a pipe", "dead": "a link that leads nowhere", "device": "it is a device",
        "read-only": "the file is read-only", "elsewhere": "it is a folder", "nowhere/out": "no folder",
        "plain/out": "no folder",
      ]
      for (name, words) in refused {
        let errors = [
          #expect(throws: FileError.self, "\(name)") { try write(to: name) },
          #expect(throws: FileError.self, "\(name)") { try writeMoments(to: name) },
        ]
        for error in errors {
          #expect(error?.description.contains("cannot be written: \(words)") == true, "\(error?.description ?? "")")
        }
      }
      #expect(FileKind(of: folder + "/pipe") == .pipe)
      #expect(try readFile(folder + "/read-only") == Array("mine".utf8))
      #expect(throws: FileError.self) {
        try describeHeads(
          TextSpanOptions(
            model: world, images: .paths([gallery]), texts: texts, count: 3, layers: .list([5]), rank: 80,
            output: folder + "/pipe"), progress: SilentProgress())
      }
    }
  }

  @Test("encode, textspan and moments name all images that cannot be read, before any work") func unreadable() throws {
    try withDamaged { folder in
      let (images, output) = ([folder + "/images"], folder + "/out")
      let stages = RecordedStages()
      let errors = [
        #expect(throws: BuildError.self) {
          try encode(
            EncodeOptions(model: world, images: images, texts: nil, patches: false, output: output), progress: stages)
        },
        #expect(throws: BuildError.self) {
          try describeHeads(
            TextSpanOptions(
              model: world, images: .paths(images), texts: Fixtures.root.path + "/content/texts/pool.txt", count: 3,
              layers: .list([5]), rank: 80, output: output), progress: stages)
        },
        #expect(throws: BuildError.self) {
          try writeMoments(MomentsOptions(model: world, images: images, output: output), progress: stages)
        },
      ]
      for error in errors {
        let lines = "\(try #require(error))".split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].contains("/1.jpg: a damaged JPEG") && lines[1].contains("/3.jpg: a damaged JPEG"), "\(lines)")
        #expect(
          lines[2] == "2 images cannot be read; replace or remove them, or give --skip-unreadable to go on without")
      }
      #expect(stages.all == ["checking images"])
      #expect(FileKind(of: output) == nil)
    }
  }

  @Test("encode, textspan and moments leave out what cannot be read where that is asked for") func skipped() throws {
    try withDamaged { folder in
      let (images, remarks) = ([folder + "/images"], Remarks())
      let left = [0, 2, 4].map { "\(folder)/images/\($0).jpg" }
      for (images, unreadable, name) in [(images, UnreadableImages.skip, "some"), (left, .stop, "left")] {
        try encode(
          EncodeOptions(
            model: world, images: images, unreadable: unreadable, texts: nil, patches: true, inputs: true,
            output: "\(folder)/\(name).safetensors"), progress: remarks)
        try describeHeads(
          TextSpanOptions(
            model: world, images: .paths(images), unreadable: unreadable,
            texts: Fixtures.root.path + "/content/texts/pool.txt", count: 3, layers: .list([5]), rank: 80,
            output: "\(folder)/\(name).json"), progress: remarks)
        try writeMoments(
          MomentsOptions(model: world, images: images, unreadable: unreadable, output: "\(folder)/\(name).moments"),
          progress: remarks)
      }
      #expect(remarks.all.filter { $0.hasPrefix("2 images left out because they cannot be read: ") }.count == 3)
      #expect(remarks.all.filter { $0.hasPrefix("left out: ") }.count == 6)
      // The rows are those of the list.
      for kind in ["safetensors", "json", "moments"] {
        #expect(try readFile("\(folder)/some.\(kind)") == readFile("\(folder)/left.\(kind)"))
      }
      #expect(
        try SafetensorsFile(path: folder + "/some.safetensors").metadata["images"] == #"["0.jpg","2.jpg","4.jpg"]"#)
      #expect(throws: BuildError.self) {
        try encode(
          EncodeOptions(
            model: world, images: ["\(folder)/images/1.jpg"], unreadable: .skip, texts: nil, patches: false,
            output: folder + "/none"), progress: remarks)
      }
    }
  }

  @Test("textspan says why heads have no descriptions") func undescribed() throws {
    try Fixtures.withTemporaryFolder { folder in
      try makeFolder(folder + "/images")
      for name in ["a", "b"] {
        try FileManager.default.copyItem(atPath: gallery + "/gallery-000.jpg", toPath: "\(folder)/images/\(name).jpg")
      }
      for (images, reason) in [
        ([folder + "/images/a.jpg"], "there is one image"),
        ([folder + "/images"], "the 2 images are all alike to them"), ([gallery], nil),
      ] {
        let remarks = Remarks()
        try describeHeads(
          TextSpanOptions(
            model: world, images: .paths(images), texts: Fixtures.root.path + "/content/texts/pool.txt", count: 3,
            layers: .list([5]),
            rank: 80, output: folder + "/out.json"), progress: remarks)
        let lines = remarks.all
        #expect(lines.count == (reason == nil ? 0 : 1), "\(lines)")
        #expect(
          lines.allSatisfy { $0.hasPrefix("4 of 4 heads have no descriptions") && $0.contains(reason ?? "") },
          "\(lines)")
      }
    }
  }

  @Test("a choice of layers that is none is refused", arguments: ["", "8-", "a", "5-3", "1,,2", "-1", "99999"])
  func layers(_ text: String) {
    #expect(LayerChoice(text) == nil)
  }

  @Test("metrics prints the shares of made-up labels") func metrics() throws {
    try Fixtures.withTemporaryFolder { folder in
      let file = folder + "/labels.json"
      try Data(#"{"m": {"L0.H0": "Animal", "L0.H1": "animals", "L0.H2": "Colour", "L0.H3": "ambiguous"}}"#.utf8)
        .write(to: URL(fileURLWithPath: file))
      let text = try labelMetrics(labels: file, judgements: nil, asJSON: false)
      #expect(text.contains("heads: 4") && text.contains("unique_label_share: 0.3333"), "\(text)")
      #expect(try labelMetrics(labels: file, judgements: nil, asJSON: true).contains("\"shared_label_share\""))
      try Data("[]".utf8).write(to: URL(fileURLWithPath: file))
      #expect(throws: BuildError.self) { try labelMetrics(labels: file, judgements: nil, asJSON: true) }
    }
  }

  @Test(
    "metrics finds the published unique-label shares",
    .enabled(if: Fixtures.shared("data") != nil, "needs ../shared/data"))
  func publishedMetrics() throws {
    let file = try #require(Fixtures.shared("data/published_head_labels.json"))
    let json = try labelMetrics(labels: file, judgements: nil, asJSON: true)
    let reports = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: [String: Any]])
    #expect(reports["ViT-B-32/openai"]?["unique_label_share"] as? Double == 0.4375)
    let other = try #require(reports["ViT-B-16/laion2b_s34b_b88k"]?["unique_label_share"] as? Double)
    #expect(abs(other - 26.0 / 48) < 1e-12)
  }

  @Test("images are told apart by their names") func images() throws {
    #expect(try imageArguments([gallery]).count == 60)
    #expect(throws: BuildError.self) { try imageArguments([gallery, gallery + "/gallery-001.jpg"]) }
    #expect(throws: FileError.self) { try imageArguments(["/nowhere.png"]) }
  }

  @Test("a model is verified, and those of a folder are listed") func models() throws {
    let found = try verifyModel(ModelReference(world))
    #expect(found.tensors == 122 && found.passed)
    let listed = try listModels(in: Fixtures.root.path + "/content/models")
    #expect(listed.models.map { $0.problem } == [nil] && listed.advice == nil)
  }

  @Test("outside a clone models are those of the hub's cache") func cachedModels() throws {
    try Fixtures.withTemporaryFolder { root in
      let none = try listModels(in: nil, standard: root + "/none", cache: HubCache(root: root))
      #expect(none.models.isEmpty)
      #expect(none.advice?.contains("no model in the hub's cache, \(root)") == true)
      let commit = String(repeating: "0a", count: 20)
      for (name, model) in [("models--org--a", "formats/hugging-face-safetensors"), ("models--other", nil)] {
        let repository = "\(root)/\(name)"
        for folder in ["/refs", "/snapshots"] {
          try FileManager.default.createDirectory(atPath: repository + folder, withIntermediateDirectories: true)
        }
        try Data(commit.utf8).write(to: URL(fileURLWithPath: repository + "/refs/main"))
        guard let model else { continue }
        try FileManager.default.copyItem(atPath: Fixtures.golden(model), toPath: repository + "/snapshots/" + commit)
      }
      let found = try listModels(in: nil, standard: root + "/none", cache: HubCache(root: root))
      #expect(found.models.map(\.path) == ["hf-hub:org/a"] && found.advice == nil)
      #expect(found.models.first?.summary != nil)
    }
  }
}
