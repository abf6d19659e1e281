import Analysis
import Build
import Files
import Foundation
import TestSupport
import Testing

@Suite("The description of an atlas") struct ConfigurationTests {
  /// What is said of a small atlas after a change; nil where nothing is wrong.
  private func message(only: String? = nil, _ change: (SmallAtlas) throws -> Void) throws -> String? {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try change(atlas)
      do {
        _ = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins, only: only)
        return nil
      } catch let error as InputProblems {
        return "\(error)".replacingOccurrences(of: folder + "/", with: "")
      }
    }
  }

  @Test("is read where it is right") func right() throws {
    #expect(try message(only: "model/small/head/L05.*") { _ in } == nil)
  }

  @Test(
    "says where it is wrong, what was found, what was expected, and the nearest fix",
    arguments: [
      (
        "models:\n", "models: []\nnotes:\n",
        "1: the atlas has no \"models\", expected a list of at least one model\natlas.yml:3: unknown key \"notes\" in the atlas; remove it"
      ),
      (
        "models:\n", "models: 3\nmodel:\n",
        "2: models is \"3\", expected a list\natlas.yml:3: unknown key \"model\" in the atlas, did you mean \"models\"?"
      ),
      (
        "title: Small", "titel: Small",
        "1: unknown key \"titel\" in the atlas, did you mean \"title\"?"
      ),
      ("title: Small", "", "2: the atlas has no \"title\", expected text"),
      ("title: Small", "title: [a]", "1: title is a list, expected text"),
      (
        "title: Small", "title: Small\ntitle: Again",
        "1: not YAML: key \"title\" is duplicated; remove one of them"
      ),
      (
        "title: Small", "title: [Small",
        "2: not YAML: did not find expected ',' or ']'; check indentation, quotes and colons"
      ),
      (
        "title: Small", "title: &t [Small]\n? *t\n: 1",
        "2: not YAML: a key that is an alias, expected a text; write it out"
      ),
      (
        "title: Small", "title: Small\nurl: example.org",
        "2: url is \"example.org\", expected an address such as https://example.org/atlas, without ? and #"
      ),
      (
        "title: Small", "title: Small\nurl: https://example.org/a?b",
        "2: url is \"https://example.org/a?b\", expected an address such as https://example.org/atlas, without ? and #"
      ),
      (
        "title: Small", "title: Small\nurl: javascript:alert(1)",
        "2: url is \"javascript:alert(1)\", expected an address such as https://example.org/atlas, without ? and #"
      ),
      ("title: Small", "title: Small\nfeatures: fp8", "2: features is \"fp8\", expected fp32 or fp16 or none"),
      (
        "title: Small", "title: Small\nsample: 100",
        "2: sample is features: fp32, expected features: none, where features of a sample are kept"
      ),
      (
        "title: Small", "title: Small\nfeatures: none\nsample: 1",
        "3: sample is \"1\", expected a whole number from 2 to 1000000"
      ),
      (
        "id: small", "id: the small one",
        "3: model \"the small one\" cannot be the name of a folder; expected letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con"
      ),
      (
        "id: small, path: ", "id: small, labels: {L5.H0: Colour}, path: ",
        "3: models[0].labels is a mapping, expected the path of a file"
      ),
      (
        "id: small, path: ", "id: small, labels: label.yml, path: ",
        "3: models[0].labels is \"label.yml\": no such file; check the path"
      ),
      (
        "models:\n", "models:\n  - {id: small, path: hf-hub:org/name}\n",
        "3: model \"hf-hub:org/name\": not in the hub's cache, "
      ),
      (
        "probe: {images: probe}\n", "",
        "1: the atlas has no \"probe\", expected images, a folder or a file that holds or lists them, and optionally captions, a file"
      ),
      (
        "{images: probe}", "{images: prob}",
        "4: probe.images is \"prob\": no such folder or file, did you mean \"probe\"?"
      ),
      (
        "{images: probe}", "{images: /dev/null}",
        "4: probe.images is \"/dev/null\", a device or a socket, expected a folder or a file"
      ),
      (
        "{images: probe}", "{image: probe}",
        "4: unknown key \"image\" in probe, did you mean \"images\"?"
      ),
      (
        "captions.jsonl", "captions.json",
        "5: gallery.captions is \"captions.json\": no such file, did you mean \"captions.jsonl\"?"
      ),
      ("texts: texts.txt", "texts: text.txt", "6: texts is \"text.txt\": no such file, did you mean \"texts.txt\"?"),
      ("pool: pool.txt", "pool: pol.txt", "7: pool is \"pol.txt\": no such file, did you mean \"pool.txt\"?"),
      ("pool: pool.txt", "pool: texts/pool.txt", "7: pool is \"texts/pool.txt\": no such file; check the path"),
      (
        "id: setting", "id: Colour",
        "10: property \"Colour\" differs from \"colour\" only in case, which Windows and macOS do not tell apart; rename one of them"
      ),
      ("id: setting", "id: colour", "10: property \"colour\" is duplicated; rename or remove one of them"),
      (
        "id: setting", "id: a/b",
        "10: property \"a/b\" cannot be the name of a folder; expected letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con"
      ),
      ("gallery-000,", "gallery-00,", "13: no gallery image \"gallery-00\", did you mean \"gallery-000\"?"),
      ("a blue boat]", "a blue boot]", "13: no curated text \"a blue boot\", did you mean \"a blue boat\"?"),
      ("a blue boat]", "a red house]", "13: contrasts[0].texts is one text twice, expected two different texts"),
      ("a red house, a blue boat]", "a red house]", "13: contrasts[0].texts is 1 text, expected two different texts"),
      (
        "textspan:", "  - {image: gallery-000, texts: [a red house, a blue boat]}\ntextspan:",
        "14: contrast \"gallery-000, a red house, a blue boat\" is described twice; remove one of the two"
      ),
      (
        "textspan: {count: 6}", "textspan: {count: 1000}",
        "14: textspan.count is \"1000\", expected a whole number from 5 to 60"
      ),
      ("textspan: {count: 6}", "textspan: 6", "14: textspan is \"6\", expected a mapping of count, rank"),
      (
        "textspan:", "plugins: {image-neighbors: {count: 2}}\ntextspan:",
        "14: unknown key \"image-neighbors\" in plugins, did you mean \"image-neighbours\"?"
      ),
      (
        "textspan:", "plugins: {image-neighbours: {cuont: 2}}\ntextspan:",
        "14: unknown key \"cuont\" in plugins.image-neighbours, did you mean \"count\"?"
      ),
      (
        "textspan:", "plugins: {image-neighbours: {count: 600}}\ntextspan:",
        "14: plugins.image-neighbours.count is \"600\", expected a whole number from 1 to 50"
      ),
      (
        "textspan:", "commentary: galery\ntextspan:",
        "14: commentary is \"galery\": no such folder, did you mean \"gallery\"?"
      ),
    ])
  func wrong(_ old: String, _ new: String, _ expected: String) throws {
    let message = try #require(try message { try $0.edit(old, new) })
    #expect(
      message == "atlas.yml:" + expected || (expected.hasSuffix(" ") && message.hasPrefix("atlas.yml:" + expected)))
  }

  @Test("has no two models whose identifiers differ only in case, and none that Windows cannot hold") func models()
    throws
  {
    let model = "path: \(Fixtures.root.path)/content/models/picture-world"
    for (id, expected) in [
      (
        "SMALL",
        "4: model \"SMALL\" differs from \"small\" only in case, which Windows and macOS do not tell apart; rename one"
      ),
      ("pw.", "4: model \"pw.\" cannot be the name of a folder; "),
      ("nul", "4: model \"nul\" cannot be the name of a folder; "),
    ] {
      let message = try message { try $0.edit("probe: {", "  - {id: \(id), \(model)}\nprobe: {") }
      #expect(message?.hasPrefix("atlas.yml:\(expected)") == true, "\(message ?? "")")
    }
  }

  @Test("may have texts whose names are alike, and contrasts of long ones: every page has an address of its own")
  func identifiers() throws {
    let long = [
      "a man in a red jacket riding a brown horse across a sandy beach",
      "two children flying a yellow kite on a green hill",
    ]
    let texts = ["t-shirt", "t shirt", "Black", "black", "nul", "U.S. flag", "U S flag"] + long
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.write(texts.joined(separator: "\n"), to: "texts.txt")
      let contrasts = [long, long.reversed(), ["t-shirt", "black"], ["t shirt", "Black"]]
      try atlas.edit(
        "  - {image: gallery-000, texts: [a red house, a blue boat]}",
        contrasts.map { "  - {image: gallery-000, texts: [\($0[0]), \($0[1])]}" }.joined(separator: "\n"))
      let configuration = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      let ids = configuration.texts.map(\.id)
      #expect(ids.prefix(4) == ["t-shirt-5a6ae5", "t-shirt", "black-c6cfe6", "black"])
      #expect(Set(ids).count == texts.count && ids.allSatisfy(isFileName))
      let entries = configuration.contrastEntries
      #expect(Set(entries.map(\.id)).count == contrasts.count && entries.map(\.id).allSatisfy(isFileName), "\(entries)")
      #expect(entries[2].id == "gallery-000-\(ids[0])-or-black")
      #expect(entries.map(\.textIDs) == contrasts.map { $0.map { text in ids[texts.firstIndex(of: text) ?? 0] } })
      // Whatever stands before and after.
      try atlas.write(texts.reversed().joined(separator: "\n"), to: "texts.txt")
      let reversed = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      #expect(reversed.texts.map(\.id) == ids.reversed() && reversed.contrastEntries.map(\.id) == entries.map(\.id))
      try atlas.build()
    }
  }

  @Test("may begin with a byte-order mark in each of its files") func marks() throws {
    let files = ["atlas.yml", "captions.jsonl", "texts.txt", "pool.txt", "examples.yml", "labels.yml"]
    #expect(
      try message { atlas in
        try atlas.edit("id: small, ", "id: small, labels: labels.yml, ")
        try atlas.write("L5.H0: Colour\n", to: "labels.yml")
        for file in files {
          try atlas.write("\u{FEFF}" + String(contentsOfFile: "\(atlas.folder)/\(file)", encoding: .utf8), to: file)
        }
      } == nil)
  }

  @Test("says that a model is missing, with one that is near") func noModel() throws {
    let message = try message { try $0.edit("/picture-world}", "/picture-wold}") }
    #expect(message?.hasPrefix("atlas.yml:3: model \"") == true)
    #expect(message?.hasSuffix("/content/models/picture-world?") == true, "\(message ?? "")")
  }

  @Test(
    "says what is wrong with the files it names",
    arguments: [
      ("texts.txt", "", "texts.txt: empty, expected one text a line"),
      (
        "texts.txt", "a red house\na blue boat\na yellow cat\nA red House\n a red house\n",
        "texts.txt:5: the text \"a red house\" is in line 1 already; remove one of the two"
      ),
      (
        "texts.txt", "a red house\n\na blue boat\n", "texts.txt:2: an empty line, expected a text; remove the line"
      ),
      ("pool.txt", "a\nb\n\n", "pool.txt:3: an empty line, expected a text; remove the line"),
      (
        "captions.jsonl", "file,caption\ngallery-000.jpg,a cat\n",
        "captions.jsonl:1: captions are JSON Lines, expected one JSON object on every line, such as {\"file\": \"photo.jpg\", \"caption\": \"a cat\"}"
      ),
      (
        "captions.jsonl", "{\"file\": \"gallery-00.jpg\"}",
        "captions.jsonl:1: no image \"gallery-00.jpg\", did you mean \"gallery-000.jpg\"?"
      ),
      (
        "captions.jsonl", "- file: gallery-000.jpg",
        "captions.jsonl:1: captions are JSON Lines, expected one JSON object on every line, such as {\"file\": \"photo.jpg\", \"caption\": \"a cat\"}"
      ),
      (
        "labels.yml", "L5.H0: Colour\nL5.H1: Color\nL5.H2: ambiguous\nL5.H3: setting\n",
        "labels.yml:2: the label \"Color\" is the title of no property, did you mean \"Colour\"?"
      ),
      (
        "labels.yml", "# by hand\nL6.H0: Colour\n",
        "labels.yml:2: no head \"L6.H0\", expected L0.H0 to L5.H3 of the model \"small\""
      ),
      (
        "labels.yml", "L5.H0: Colour\nhead: Colour\n",
        "labels.yml:2: no head \"head\", expected L0.H0 to L5.H3 of the model \"small\""
      ),
      ("labels.yml", "L5.H0: [Colour]", "labels.yml:1: L5.H0 is a list, expected the title of a property"),
      (
        "labels.yml", "L5.H0: Colour\nL05.H00: Setting\n",
        "labels.yml:2: head \"L05.H00\" is duplicated; rename or remove one of them"
      ),
      ("labels.yml", "- L5.H0", "labels.yml:1: the file is a list, expected a mapping such as L5.H0: Setting"),
      (
        "examples.yml",
        "- {property: Colour, descriptions: [a red cat]}\n- {property: Settng, descriptions: [the sea]}\n",
        "examples.yml:2: the example group \"Settng\" is the title of no property, did you mean \"Setting\"?"
      ),
      (
        "examples.yml", "- {property: Colour, descriptions: [a red cat]}\n",
        "examples.yml:1: labelled examples of Colour, expected at least two properties, to tell one from another; add some to the examples file"
      ),
      (
        "examples.yml", "- {property: Colour, descriptions: [a red cat]}\n- {property: Setting, descriptions: []}\n",
        "examples.yml:2: the example of Setting has no description with a word that means something; give it a few lines of the pool"
      ),
      ("examples.yml", "", "examples.yml: empty, expected a list of property and descriptions"),
      ("notes/index.md", "Its residual is {{value model/small/ledger}}.\n", ""),
      (
        "notes/index.md", "---\ntitel: A\n---\n",
        "notes/index.md:2: unknown key \"titel\" in the front matter; expected title, order, tour or stop; did you mean \"title\"?"
      ),
      (
        "notes/index.md", "---\ntitle: A\n---\n\nIt is {{value  model/small/legder }}.\n",
        "notes/index.md:5: no value is named \"model/small/legder\", did you mean \"model/small/ledger\"?"
      ),
      (
        "notes/index.md", "\n[x](/model/smal/index.html)\n\n{{check model/small/legder < 1}}\n",
        "notes/index.md:2: \"/model/smal/index.html\" leads to no page, did you mean \"model/small\"?\nnotes/index.md:4: no value is named \"model/small/legder\", did you mean \"model/small/ledger\"?"
      ),
      (
        "notes/model/small/head/L5.H0.md", "A head.",
        "notes/model/small/head/L5.H0.md:1: commentary on \"model/small/head/L5.H0\", which has no page, did you mean \"model/small/head/L05.H00\"?"
      ),
      ("atlas.yml", "", "atlas.yml: empty, expected the description of an atlas: title, models, probe, gallery …"),
    ])
  func wrongFile(_ name: String, _ text: String, _ expected: String) throws {
    let message = try message { atlas in
      if name == "labels.yml" { try atlas.edit("path: ", "labels: labels.yml, path: ") }
      if name.hasPrefix("notes") { try atlas.edit("textspan:", "commentary: notes\ntextspan:") }
      try FileManager.default.createDirectory(
        atPath: atlas.folder + "/notes/model/small/head", withIntermediateDirectories: true)
      try atlas.write(text, to: name)
    }
    #expect(message ?? "" == expected)
  }

  @Test(
    "is held against --only",
    arguments: [
      ("foo/*", "no page matches --only \"foo/*\", expected a pattern such as 'model/*' or 'image/*'"),
      ("image/gallery-04", "no page matches --only \"image/gallery-04\", did you mean \"image/gallery-000\"?"),
    ])
  func only(_ pattern: String, _ expected: String) throws {
    #expect(try message(only: pattern) { _ in } == expected)
  }

  @Test("tells all of its problems at once, in the order of the files, before any image is read") func several() throws
  {
    let expected = """
      atlas.yml:3: model "the small one" cannot be the name of a folder; expected letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con
      atlas.yml:7: pool is "pol.txt": no such file, did you mean "pool.txt"?
      labels.yml:1: no head "L9.H0", expected L0.H0 to L5.H3 of the model "the small one"
      labels.yml:2: the label "Colur" is the title of no property, did you mean "Colour"?
      notes/imge.md:1: commentary on "imge", which has no page, did you mean "images"?
      notes/index.md:2: no value is named "model/x/heads"
      """
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.edit("id: small, path: ", "id: the small one, labels: labels.yml, path: ")
      try atlas.edit("pool.txt", "pol.txt")
      try atlas.edit("textspan:", "commentary: notes\ntextspan:")
      try atlas.write("L9.H0: Colour\nL5.H0: Colur\n", to: "labels.yml")
      try FileManager.default.createDirectory(atPath: folder + "/notes", withIntermediateDirectories: true)
      try atlas.write("", to: "notes/imge.md")
      try atlas.write("\nIt has {{value model/x/heads}} heads.", to: "notes/index.md")
      // They begin as JPEGs do, and cannot be read.
      for set in ["gallery", "probe"] {
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(set)") {
          try Data([0xFF, 0xD8, 0xFF, 0xE0]).write(to: URL(fileURLWithPath: "\(folder)/\(set)/\(name)"))
        }
      }
      func said(_ body: () throws -> Void) -> String {
        let error = #expect(throws: InputProblems.self) { try body() }
        return (error.map { "\($0)" } ?? "").replacingOccurrences(of: folder + "/", with: "")
      }
      #expect(said { _ = try planAtlas(configuration: atlas.configuration, plugins: allPlugins) } == expected)
      #expect(said { try atlas.build() } == expected)
      let findings = diagnose(configuration: atlas.configuration, output: atlas.site, plugins: allPlugins)
        .filter { $0.subject == "configuration" }.map(\.detail)
      #expect(findings.joined(separator: "\n").replacingOccurrences(of: folder + "/", with: "") == expected)
    }
  }

  @Test("may ask for every value that an atlas with facts and masks has") func values() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      let images = Fixtures.root.path + "/content/images"
      for set in ["gallery", "probe"] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(set)")
        let lines = try String(contentsOfFile: "\(images)/\(set).jsonl", encoding: .utf8)
          .replacingOccurrences(of: "../masks", with: images + "/masks").split(separator: "\n")
        try atlas.write(
          lines.filter { line in names.contains { line.contains("\"\($0)\"") } }.joined(separator: "\n"),
          to: "\(set).jsonl")
      }
      try atlas.edit("captions: captions.jsonl", "captions: gallery.jsonl")
      try atlas.edit("{images: probe}", "{images: probe, captions: probe.jsonl}")
      try atlas.edit("textspan:", "commentary: notes\ntextspan:")
      try FileManager.default.createDirectory(atPath: folder + "/notes", withIntermediateDirectories: true)
      let maps = ["", "-head", "-text", "-shuffled", "-centre", "-random"].flatMap { ["iou\($0)", "ap\($0)"] }
      let model = [
        "ledger", "heads", "shared-label-share", "unique-label-share", "association", "property/colour/heads",
        "neighbours-embedding/setting", "neighbours-chance/colour", "one-property", "one-property-random", "planted",
        "planted-chance", "planted-explained", "planted-explained-chance", "layer/05/variance",
      ]
      let head = [
        "label", "variance", "consistency", "explained-variance", "description/1", "description/5", "follows/setting",
        "true-property", "neighbours/colour",
      ]
      let keys = model + maps + head.map { "head/L05.H03/\($0)" }
      try atlas.write(keys.map { "{{value model/small/\($0)}}\n" }.joined(), to: "notes/index.md")
      try atlas.build()
    }
  }

  @Test("names commentary whose name is not UTF-8") func undecodableCommentary() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.edit("textspan:", "commentary: notes\ntextspan:")
      try FileManager.default.createDirectory(atPath: folder + "/notes/model", withIntermediateDirectories: true)
      try atlas.write("good", to: "notes/index.md")
      let names = [folder + "/notes", folder + "/notes/model"].map {
        Fixtures.makeUndecodableFile(in: $0, ending: ".md")
      }
      let error = #expect(throws: InputProblems.self) { try atlas.build() }
      let found = try #require(error).problems.map(\.description)
      let expected = zip(["notes/", "notes/model/"], names).map {
        "\(folder)/\($0)\($1): a name that is not UTF-8, expected one in UTF-8; rename it: "
          + "convmv -f latin1 -t utf8 --notest FILE"
      }
      #expect(found == expected)
    }
  }

  @Test("says what is looked at for changes: all that the description names, as far as it can be read") func inputs()
    throws
  {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.edit("gallery: {", "commentary: notes\ntemplates: mine\npages: about\ngallery: {")
      try atlas.edit("- {id: small, ", "- {id: small, labels: hand.yml, ")
      func inputs() -> Set<String> { Set(atlasInputs(configuration: atlas.configuration)) }
      let names = [
        "atlas.yml", "gallery", "probe", "captions.jsonl", "gallery/../mask.png", "texts.txt", "pool.txt",
        "examples.yml",
        "notes", "mine", "about", "hand.yml",
      ]
      let expected = names.map { folder + "/" + $0 } + [Fixtures.root.path + "/content/models/picture-world"]
      #expect(Set(expected).subtracting(inputs()) == [])
      try atlas.write("title: [", to: "atlas.yml")
      #expect(inputs().contains(atlas.configuration))
    }
  }

  @Test("names templates, their assets and pages of plugins that cannot be used, before any work") func ownTexts()
    throws
  {
    func problems(_ change: (SmallAtlas, String) throws -> Void) throws -> String? {
      try message { atlas in
        try atlas.edit("gallery: {", "templates: mine\npages: about\ngallery: {")
        for folder in ["mine/assets", "about"] {
          try FileManager.default.createDirectory(
            atPath: "\(atlas.folder)/\(folder)", withIntermediateDirectories: true)
        }
        try change(atlas, atlas.folder)
      }
    }
    #expect(try problems { _, _ in } == nil)
    #expect(
      try problems { atlas, _ in try atlas.write("{{> layout}}", to: "mine/layout.mustache") }
        == "mine/layout.mustache: not a mustache template: {{>layout}} includes what it stands in, by itself or by others"
    )
    for file in ["mine/footer.mustache", "mine/assets/atlas.css", "about/twins.md"] {
      #expect(
        try problems { _, folder in mkfifo("\(folder)/\(file)", 0o600) }
          == "\(file): cannot be read: it is a pipe, expected a file")
    }
  }

  /// Each problem was compared with all before it.
  @Test("says a hundred thousand problems of one file in time by their number")
  func manyProblems() throws {
    let count = 100_000
    let said = try message { try $0.write(String(repeating: "a red house\n", count: count), to: "texts.txt") }
    let lines = said?.split(separator: "\n").count { $0.hasPrefix("texts.txt:") } ?? 0
    #expect(lines == count - 1)
  }
}
