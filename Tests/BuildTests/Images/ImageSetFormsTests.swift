import Build
import Files
import Foundation
import TestSupport
import Testing

/// A small atlas's images in all forms that a set of them may have.
extension SmallAtlas {
  /// The names of the probe set's files, or of the gallery's.
  func imageNames(_ set: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(set)").sorted()
  }

  func lines(_ set: String, _ line: (Int, String) -> String) throws -> String {
    try imageNames(set).enumerated().map { line($0.offset, $0.element) + "\n" }.joined()
  }

  /// An archive of all images of a set, with texts beside them where `texts` has some.
  ///
  /// - Parameter format: as GNU tar calls it.
  func writeTar(_ set: String, to name: String, format: String = "gnu") throws {
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments =
      ["tar", "--format=\(format)", "--create", "--file=\(folder)/\(name)", "--directory=\(folder)/\(set)"]
      + (try imageNames(set))
    try tar.run()
    tar.waitUntilExit()
    guard tar.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}

@Suite("An image set as it lies") struct ImageSetFormsTests {
  struct Form: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// What the description says of the probe set.
    let entry: String
    let write: @Sendable (SmallAtlas) throws -> Void
  }

  static let forms: [Form] = [
    Form(testDescription: "a table of open_clip's", entry: "{images: set.tsv, folder: probe}") { atlas in
      try atlas.write("filepath\ttitle\n" + atlas.lines("probe") { "\($1)\t" }, to: "set.tsv")
    },
    Form(
      testDescription: "a table with commas and a column of its own",
      entry: "{images: set.csv, folder: probe, columns: {file: path}}"
    ) { atlas in
      let lines = try atlas.lines("probe") { "\($0),\"\($0 % 2 == 0 ? "./" : atlas.folder + "/probe//")\($1)\"\r" }
      try atlas.write("\u{FEFF}id,\"path\"\r\n" + lines, to: "set.csv")
    },
    Form(testDescription: "a folder with metadata.jsonl", entry: "{images: probe}") { atlas in
      let lines = try atlas.lines("probe") { #"{"file_name": "\#($1)", "other": [1]}"# }
      try atlas.write(lines, to: "probe/metadata.jsonl")
    },
    Form(testDescription: "a folder with metadata.csv", entry: "{images: probe}") { atlas in
      try atlas.write("file_name,other\n" + atlas.lines("probe") { "\($1),\($0)" }, to: "probe/metadata.csv")
    },
    Form(testDescription: "COCO captions", entry: "{images: coco.json, folder: probe}") { atlas in
      let images = try atlas.lines("probe") { #",{"id": \#($0), "file_name": "\#($1)"}"# }
      try atlas.write(
        #"{"info": {"year": 2014}, "annotations": [], "images": ["# + "\(images.dropFirst())]}\n", to: "coco.json")
    },
    Form(testDescription: "a tar archive in ustar", entry: "{images: set.tar}") {
      try $0.writeTar("probe", to: "set.tar", format: "ustar")
    },
    Form(testDescription: "a tar archive in pax", entry: "{images: set.tar}") {
      try $0.writeTar("probe", to: "set.tar", format: "pax")
    },
    Form(testDescription: "a tar archive of GNU's", entry: "{images: set.tar}") {
      try $0.writeTar("probe", to: "set.tar")
    },
    Form(testDescription: "a tar archive of old", entry: "{images: set.tar}") {
      try $0.writeTar("probe", to: "set.tar", format: "v7")
    },
  ]

  @Test("gives the bytes that a folder gives", arguments: forms) func sameBytes(_ form: Form) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.build()
      let expected = try atlas.files()
      try atlas.edit("probe: {images: probe}", "probe: \(form.entry)")
      try form.write(atlas)
      try atlas.cache.clear()
      try atlas.build()
      #expect(try atlas.files() == expected)
    }
  }

  @Test("is read by encode too, in the set's own order", arguments: ["set.tsv", "set.tar", "coco.json", "{0..1}.tar"])
  func encodes(_ name: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      let names = try atlas.imageNames("probe")
      try atlas.write("filepath\ttitle\n" + names.reversed().map { "probe/\($0)\ta\n" }.joined(), to: "set.tsv")
      try atlas.writeTar("probe", to: "set.tar")
      for part in 0...1 { try atlas.writeTar(part == 0 ? "probe" : "gallery", to: "\(part).tar") }
      try atlas.write(#"{"images": [{"id": 1, "file_name": "probe/\#(names[3])"}]}"#, to: "coco.json")
      let found = try imageArguments(["\(folder)/\(name)"]).map(\.name)
      let expected = [
        "set.tsv": names.reversed().map { "probe/" + $0 }, "set.tar": names, "coco.json": ["probe/" + names[3]],
        "{0..1}.tar": try names.map { "0/" + $0 } + atlas.imageNames("gallery").map { "1/" + $0 },
      ]
      #expect(found == expected[name])
    }
  }

  @Test("takes captions from titles, texts and annotations where no file of captions is given") func captions() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.write(
        atlas.lines("gallery") { #"{"file": "\#($1)", "caption": "image \#($0)", "licence": "CC0-1.0"}"# },
        to: "captions.jsonl")
      try atlas.build()
      let expected = try atlas.files()
      #expect(
        try String(decoding: #require(expected["image/gallery-001/index.html"]), as: UTF8.self).contains("image 1"))
      try atlas.edit("gallery: {images: gallery, captions: captions.jsonl}", "gallery: SET")
      let images = try atlas.lines("gallery") { #",{"id": "\#($0)", "file_name": "\#($1)", "license": 3}"# }
      let annotations = (0..<3).flatMap { image in ["image \(image)\\n", "another"].map { (image, $0) } }
        .map { #",{"image_id": "\#($0)", "caption": "\#($1)"}"# }.joined()
      var tar = TarFile()
      for (place, name) in try atlas.imageNames("gallery").enumerated() {
        let stem = String(name.dropLast(4))
        tar.add("./" + stem + ".txt", Array("image \(place)\n".utf8))
        tar.add("./" + stem + ".json", Array(#"{"caption": "no", "license": "CC0-1.0", "size": [1, 2]}"#.utf8))
        tar.add("./" + name, try readFile("\(folder)/gallery/\(name)"))
      }
      try writeFile(tar.finished, to: folder + "/set.tar")
      try atlas.write(
        #"{"licenses": [{"id": 3, "name": "CC0-1.0"}], "annotations": [\#(annotations.dropFirst())], "images": [\#(images.dropFirst())]}"#,
        to: "coco.json")
      try atlas.write(
        "filepath\tlicense\ttitle\n" + atlas.lines("gallery") { "\($1)\tCC0-1.0\timage \($0)" }, to: "set.tsv")
      try atlas.write(
        atlas.lines("gallery") { #"{"file_name": "\#($1)", "text": "image \#($0)", "licence": "CC0-1.0"}"# },
        to: "gallery/metadata.jsonl")
      let description = try String(contentsOfFile: atlas.configuration, encoding: .utf8)
      for set in [
        "{images: set.tar}", "{images: coco.json, folder: gallery}", "{images: set.tsv, folder: gallery}",
        "{images: gallery}",
      ] {
        try atlas.write(description.replacing("SET", with: set), to: "atlas.yml")
        try atlas.build()
        #expect(try atlas.files() == expected, "\(set)")
      }
    }
  }

  @Test("that has changed is built again, an archive too") func changes() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.writeTar("probe", to: "set.tar")
      try atlas.edit("probe: {images: probe}", "probe: {images: set.tar}")
      usleep(100_000)
      try atlas.build()
      let first = try atlas.files()
      #expect(try atlas.build(always: false).isUnchanged)
      try FileManager.default.removeItem(atPath: folder + "/probe/probe-004.jpg")
      try atlas.writeTar("probe", to: "set.tar")
      usleep(100_000)
      #expect(try !atlas.build(always: false).isUnchanged)
      #expect(try atlas.files() != first)
      #expect(atlasInputs(configuration: atlas.configuration).contains(folder + "/set.tar"))
      try atlas.edit("images: set.tar", "images: \"{set,other}.tar\"")
      #expect(
        Set(atlasInputs(configuration: atlas.configuration)).isSuperset(
          of: ["set", "other"].map { "\(folder)/\($0).tar" }))
    }
  }
}
