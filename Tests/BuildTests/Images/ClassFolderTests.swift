import Build
import Checkpoints
import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Folders of classes") struct ClassFolderTests {
  private func withClasses(_ body: (SmallAtlas) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      for (place, name) in try atlas.imageNames("probe").enumerated() {
        let kind = place < 3 ? "golden_hour" : place < 6 ? "a-c/deep" : place < 9 ? "a-c" : "snow"
        try makeFolder("\(folder)/classes/\(kind)")
        try FileManager.default.copyItem(atPath: "\(folder)/probe/\(name)", toPath: "\(folder)/classes/\(kind)/\(name)")
      }
      try makeFolder(folder + "/classes/empty")
      try makeFolder(folder + "/classes/.git")
      try atlas.write("notes", to: "classes/snow/notes.txt")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/classes/snow/round", withDestinationPath: folder + "/classes")
      try body(atlas)
    }
  }

  @Test("are read as torchvision reads them, with the class among each image's facts") func read() throws {
    try withClasses { atlas in
      let set = try ImageSet(images: atlas.folder + "/classes")
      #expect(set.form == .classFolders && set.classes == ["a-c", "golden_hour", "snow"])
      let names = set.images.map(set.name)
      // By class, then by folder, then by name.
      #expect(
        names.prefix(7).map { $0.dropLast("probe-000.jpg".count) } == [
          "a-c/", "a-c/", "a-c/", "a-c/deep/", "a-c/deep/", "a-c/deep/", "golden_hour/",
        ])
      #expect(names.count == 20 && names.first == "a-c/probe-006.jpg" && names.last == "snow/probe-019.jpg")
      #expect(
        set.images.map(\.id).prefix(4).last == "a-c-deep-probe-003" && set.images[6].id == "golden-hour-probe-000")
      #expect(set.images[0].scene == ["class": "a-c"] && set.images[3].scene == ["class": "a-c"])
      #expect(
        set.remark
          == "\(atlas.folder)/classes: 20 images; left out 1 hidden file, 1 other file (snow/notes.txt), 1 folder without images (empty), "
          + "1 link to a folder (snow/round)")
    }
  }

  @Test("give the features of the same images in one folder") func features() throws {
    try withClasses { atlas in
      let model = Fixtures.root.path + "/content/models/picture-world"
      func embeddings(_ images: String) throws -> [String: [Float]] {
        let output = atlas.folder + "/out.safetensors"
        try encode(
          EncodeOptions(model: model, images: [images], texts: nil, patches: false, output: output),
          progress: SilentProgress())
        let file = try SafetensorsFile(path: output)
        let names = try JSONDecoder().decode([String].self, from: Data(try #require(file.metadata["images"]).utf8))
        let tensor = try file.tensor("image_embeddings")
        return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, Array(tensor.row($0.offset))) })
      }
      let (one, classes) = (try embeddings(atlas.folder + "/probe"), try embeddings(atlas.folder + "/classes"))
      #expect(one.count == 20 && classes.count == 20)
      for (name, embedding) in one {
        let found = try #require(classes.first { $0.key.hasSuffix("/" + name) }?.value)
        #expect(WorstDifference(found, embedding).value < 1e-6)
      }
    }
  }

  @Test("may give curated texts and lines of the pool, each once") func texts() throws {
    try withClasses { atlas in
      try atlas.write("a photo of snow\na blue boat\na red house\n", to: "texts.txt")
      try atlas.edit(
        "probe: {images: probe}", "probe:\n  images: classes\n  class_texts: a photo of {}\n  class_pool: \"{}\"")
      let configuration = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      #expect(
        configuration.texts.map(\.text) == [
          "a photo of snow", "a blue boat", "a red house", "a photo of a-c", "a photo of golden hour",
        ])
      #expect(configuration.pool.suffix(3) == ["a-c", "golden hour", "snow"])
      try atlas.edit("texts: texts.txt\n", "")
      try atlas.edit("texts: [a red house, a blue boat]", "texts: [a photo of snow, a photo of a-c]")
      let without = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      #expect(without.texts.map(\.id) == ["a-photo-of-a-c", "a-photo-of-golden-hour", "a-photo-of-snow"])
      try atlas.build()
    }
  }

  @Test(
    "and what is said of them is refused where it has no use",
    arguments: [
      (
        "{images: probe, class_texts: \"a {}\"}",
        "class_texts is given with images of no class, expected folders of classes"
      ),
      (
        "{images: classes, class_texts: a photo}",
        "class_texts is \"a photo\", expected a text with {} in the place of a class"
      ),
      (
        "{images: classes, folder: probe}",
        "folder is given with folders of classes, expected a file whose rows name images"
      ),
      (
        "{images: classes, columns: {class: a}}",
        "columns is given with folders of classes, expected a table, JSON Lines or tar"
      ),
      ("{images: classes, columns: {clas: a}}", "unknown key \"clas\" in probe.columns, did you mean \"class\"?"),
      ("{images: \"{0..2}.tar\"}", "probe.images is \"0.tar\": no such file"),
      ("{images: clases}", "probe.images is \"clases\": no such folder or file, did you mean \"classes\"?"),
      ("{images: \"{0..999999}.tar\"}", "which stands for more than 100000 files, expected fewer"),
      ("{images: pool.txt}", "found a text that begins with"),
    ]) func refused(_ entry: String, _ expected: String) throws
  {
    try withClasses { atlas in
      try atlas.edit("{images: probe}", entry)
      let error = #expect(throws: InputProblems.self) {
        _ = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      }
      let message = "\(try #require(error))"
      #expect(message.contains(expected) && message.hasPrefix("\(atlas.configuration):4: "), "\(message)")
    }
  }
}
