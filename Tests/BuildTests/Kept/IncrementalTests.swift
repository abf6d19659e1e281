import Build
import Evaluation
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("A build after a change") struct IncrementalTests {
  /// A change of an atlas's files.
  struct Edit: CustomTestStringConvertible {
    let name: String
    /// Stages that have nothing to do after it.
    let idle: Set<String>
    let apply: @Sendable (SmallAtlas, Int) throws -> Void
    var testDescription: String { name }
  }

  private static let towers: Set<String> = ["small: probe images", "small: gallery images"]

  static let edits: [Edit] = [
    Edit(name: "a caption", idle: towers.union(["TextSpan", "small: patches", "twins"])) { atlas, turn in
      try atlas.write(
        """
        {"file": "gallery-000.jpg", "caption": "cat \(turn)", "objects": [{"text": "a yellow cat", "mask": "../mask.png"}]}

        """, to: "captions.jsonl")
    },
    Edit(name: "commentary", idle: towers.union(["TextSpan", "small: patches", "small: texts", "analyses"])) {
      atlas, turn in
      try FileManager.default.createDirectory(
        atPath: atlas.folder + "/commentary", withIntermediateDirectories: true)
      try atlas.write("Remark \(turn).\n", to: "commentary/index.md")
      let text = try String(contentsOfFile: atlas.configuration, encoding: .utf8)
      if !text.contains("commentary:") { try atlas.edit("pool:", "commentary: commentary\npool:") }
    },
    Edit(name: "a text", idle: towers.union(["TextSpan"])) { atlas, turn in
      try atlas.write("a red house\na blue boat\na yellow cat\ntext \(turn)\n", to: "texts.txt")
    },
    // As many texts as before: what is kept of patches must not be taken for theirs.
    Edit(name: "a text in place of another", idle: towers.union(["TextSpan"])) { atlas, turn in
      try atlas.write("a red house\na blue boat\na green tree \(turn)\n", to: "texts.txt")
    },
    Edit(name: "descriptions from elsewhere", idle: towers.union(["TextSpan", "small: patches", "small: moments"])) {
      atlas, turn in
      try atlas.write(#"{"L5.H0": ["a red house", "description \#(turn)"]}"#, to: "given.json")
      let text = try String(contentsOfFile: atlas.configuration, encoding: .utf8)
      if !text.contains("descriptions: given") { try atlas.edit("path: ", "descriptions: given.json, path: ") }
    },
    Edit(name: "labels from elsewhere", idle: towers.union(["TextSpan", "small: patches", "small: moments"])) {
      atlas, turn in
      try atlas.write(#"{"small": {"L5.H0": "Label \#(turn)"}}"#, to: "released.json")
      let text = try String(contentsOfFile: atlas.configuration, encoding: .utf8)
      if !text.contains("labeller:") {
        try atlas.edit("pool:", "labeller: {id: released, labels: released.json}\npool:")
      }
    },
    Edit(name: "a line of the pool", idle: towers.union(["small: patches", "small: moments"])) { atlas, turn in
      let pool = try String(contentsOfFile: atlas.folder + "/pool.txt", encoding: .utf8)
      try atlas.write("line \(turn)\n" + pool, to: "pool.txt")
    },
    Edit(name: "a gallery image", idle: ["small: probe images", "TextSpan"]) { atlas, turn in
      try atlas.replace("gallery/gallery-001.jpg", byGallery: 10 + turn)
    },
    Edit(name: "a probe image", idle: ["small: gallery images", "small: patches"]) { atlas, turn in
      try atlas.replace("probe/new-\(turn).jpg", byGallery: 20 + turn)
    },
    Edit(name: "an option", idle: towers.union(["TextSpan", "small: patches"])) { atlas, turn in
      let text = try String(contentsOfFile: atlas.configuration, encoding: .utf8)
      let lines = text.split(separator: "\n").filter { !$0.hasPrefix("plugins:") }
      try atlas.write(
        lines.joined(separator: "\n") + "\nplugins: {image-neighbours: {count: \(2 + turn)}}\n", to: "atlas.yml")
    },
    Edit(name: "the number of descriptions", idle: towers.union(["small: patches", "small: moments"])) { atlas, turn in
      let text = try String(contentsOfFile: atlas.configuration, encoding: .utf8)
      let count = "textspan: {count: \(7 + turn % 3)}"
      try atlas.write(text.replacing(/textspan: {count: \d+}/, with: count), to: "atlas.yml")
    },
  ]

  @Test("computes only what the change concerns, and gives the bytes of a build from nothing", arguments: edits)
  func one(_ edit: Edit) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder + "/a", gallery: 4)
      atlas.age()
      try atlas.build(always: false)
      try edit.apply(atlas, 0)
      let stages = RecordedStages()
      try atlas.build(always: false, progress: stages)
      #expect(stages.all.intersection(edit.idle) == [])
      #expect(try atlas.files() == (try atlas.filesFromNothing(in: folder + "/b")))
    }
  }

  @Test("gives the bytes of a build from nothing after any sequence of changes", arguments: 0..<2 as Range<UInt64>)
  func sequence(seed: UInt64) throws {
    try Fixtures.withTemporaryFolder { folder in
      var numbers = SeededNumbers(seed: seed)
      let atlas = try SmallAtlas(in: folder + "/a", gallery: 4)
      for turn in 0..<5 {
        let edit = try #require(Self.edits.randomElement(using: &numbers))
        try edit.apply(atlas, turn)
        atlas.age()
        try atlas.build(always: false)
        let fromNothing = try atlas.filesFromNothing(in: "\(folder)/\(turn)")
        #expect(try atlas.files() == fromNothing, "\(edit.name), turn \(turn)")
      }
    }
  }

  @Test("does nothing where nothing has changed, and all where the site has") func nothing() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      // What was changed a moment before a build could have been changed once more while it read.
      atlas.age()
      let first = try atlas.build()
      #expect(!first.isUnchanged)
      let stages = RecordedStages()
      let second = try atlas.build(always: false, progress: stages)
      #expect(second.isUnchanged && stages.all.isEmpty)
      #expect(second.pages == first.pages && second.bytes == first.bytes)
      let files = try atlas.files()
      try atlas.write("other", to: "site/index.html")
      #expect(try !atlas.build(always: false).isUnchanged)
      #expect(try atlas.files() == files)
      try FileManager.default.removeItem(atPath: atlas.site + "/about/index.html")
      #expect(try !atlas.build(always: false).isUnchanged)
      #expect(try atlas.files() == files)
    }
  }

  @Test("leaves the files that stay the same where they are") func shared() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.build()
      let before = try atlas.fileNumbers()
      try Self.edits[1].apply(atlas, 0)
      try atlas.build()
      let after = try atlas.fileNumbers()
      // The page that the remark is on, the list of files, and the data of the search are others.
      let changed = after.filter { before[$0.key] != $0.value }.keys.sorted()
      #expect(changed.count < 20 && changed.contains("index.html"), "\(changed)")
    }
  }

  @Test("takes all but a batch or two from the cache where one of many probe images is new") func batches() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder, gallery: 2)
      for image in 2..<60 { try atlas.replace("probe/more-\(image).jpg", byGallery: image) }
      let before = ComputedImages()
      try atlas.build(progress: before)
      #expect(before.probe == 78)
      try atlas.replace("probe/more-31.jpg", byGallery: 0)
      let after = ComputedImages()
      try atlas.build(progress: after)
      #expect((1...40).contains(after.probe), "\(after.probe)")
    }
  }

  @Test("takes the site's files of images from the cache, by the images' bytes") func renditions() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder, gallery: 2)
      try atlas.build()
      let kept = try atlas.cached("renditions-")
      let thumbs = try ["000", "001"].map { try Data(contentsOf: atlas.thumb("gallery-\($0)")) }
      let places = try thumbs.map { thumb in try #require(kept.first { $0.value.firstRange(of: thumb) != nil }) }
      // The first image's files are exchanged for the second's, with a hash that is right.
      let line = places[0].value.prefix { $0 != 10 }
      let content = places[1].value.drop { $0 != 10 }.dropFirst()
      let forged = line.prefix(line.count - 64) + Data(hexDigest(of: content).utf8) + Data([10]) + content
      try forged.write(to: places[0].key)
      try atlas.build()
      #expect(try Data(contentsOf: atlas.thumb("gallery-000")) == thumbs[1])
      // A file that is not what was written counts for nothing.
      try (forged.dropLast() + Data([forged.last.map { $0 ^ 1 } ?? 0])).write(to: places[0].key)
      try atlas.build()
      #expect(try Data(contentsOf: atlas.thumb("gallery-000")) == thumbs[0])
      #expect(try atlas.cached("renditions-").count == kept.count)
    }
  }

  @Test("is refused where an image changes after its hash was taken") func changedImage() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder, gallery: 2)
      try atlas.build()
      for file in try atlas.cached("gallery-").keys { try FileManager.default.removeItem(at: file) }
      let image = "\(atlas.folder)/gallery/gallery-000.jpg"
      let replacing = ReplacedImage(path: image, stage: "small: gallery images")
      #expect(throws: BuildError.changedImage(image)) { try atlas.build(progress: replacing) }
    }
  }

  @Test("finds the gallery's features where the probe set is the same files") func sameImages() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder, gallery: 20)
      try atlas.edit("{images: probe}", "{images: gallery}")
      let stages = RecordedStages()
      try atlas.build(progress: stages)
      #expect(stages.all.contains("small: gallery images") && !stages.all.contains("small: probe images"))
    }
  }
}

/// Replaces an image when a stage of a build begins.
private struct ReplacedImage: ProgressReporter {
  let path: String
  let stage: String

  func report(stage: String, done: Int, total: Int?) {
    if stage == self.stage { try? Data("other".utf8).write(to: URL(fileURLWithPath: path)) }
  }
}

/// How many probe images a build computes.
private final class ComputedImages: ProgressReporter {
  private let seen = Mutex<(first: Int?, last: Int)>((nil, 0))

  func report(stage: String, done: Int, total: Int?) {
    guard stage.hasSuffix(": probe images") else { return }
    seen.withLock { seen in
      seen.first = seen.first ?? done
      seen.last = done
    }
  }

  var probe: Int { seen.withLock { $0.last - ($0.first ?? 0) } }
}

extension SmallAtlas {
  /// Puts one of the embedded gallery's images into the place of another, or beside the others.
  fileprivate func replace(_ name: String, byGallery image: Int) throws {
    let number = String(image)
    let file = "gallery-" + String(repeating: "0", count: 3 - number.count) + number + ".jpg"
    try Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.root.path)/content/images/gallery/\(file)"))
      .write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  /// The files of the cache whose names begin with `prefix`.
  fileprivate func cached(_ prefix: String) throws -> [URL: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: cache.folder).filter { $0.hasPrefix(prefix) }
    let files = names.map { URL(fileURLWithPath: "\(cache.folder)/\($0)") }
    return Dictionary(uniqueKeysWithValues: try files.map { ($0, try Data(contentsOf: $0)) })
  }

  fileprivate func thumb(_ image: String) -> URL { URL(fileURLWithPath: "\(site)/images/gallery/thumb/\(image).jpg") }

  /// The site that the same files give without a cache.
  fileprivate func filesFromNothing(in folder: String) throws -> [String: Data] {
    let manager = FileManager.default
    try manager.copyItem(atPath: self.folder, toPath: folder)
    for name in ["site", ".headatlas"] { try manager.removeItem(atPath: "\(folder)/\(name)") }
    let copy = SmallAtlas(copyIn: folder)
    try copy.build()
    return try copy.files()
  }

  /// The system's number of every file of the site.
  fileprivate func fileNumbers() throws -> [String: Int] {
    var numbers: [String: Int] = [:]
    for name in try files().keys {
      let facts = try FileManager.default.attributesOfItem(atPath: "\(site)/\(name)")
      numbers[name] = facts[.systemFileNumber] as? Int
    }
    return numbers
  }

  /// Waits until all files are older than a build that begins now may trust.
  func age() { usleep(100_000) }
}
