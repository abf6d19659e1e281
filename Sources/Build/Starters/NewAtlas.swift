import Diagnostics
import Files
import Foundation

/// An atlas to begin with: its description with a remark on every key, texts, a pool, examples and a commentary, from `Templates/new`.
package struct NewAtlas {
  /// As `atlas.yml` names it; nil for the embedded one with some of its images.
  private let model: (id: String, title: String, path: String)?
  /// Nil for those of the embedded model.
  private let images: ImageSet?

  /// Most images of the gallery that it begins with.
  private static let mostImages = 24
  private static let embedded = "picture-world"

  /// - Parameters:
  ///   - model: a path or a name; a path may begin at the working folder.
  ///   - images: a folder, or a table that lists images.
  /// - Throws: `BuildError`, `FileError`, `InputProblems`.
  package init(model: String?, images: String?) throws {
    guard (model == nil) == (images == nil) else {
      throw BuildError.newAtlas(
        model == nil
          ? "--images without --model: the embedded model knows drawn scenes only; name a model, such as --model ViT-B-32/openai"
          : "--model without --images: no image is at hand for it; name a folder, such as --images ~/photos")
    }
    self.model = try model.map { text in
      let reference = try ModelReference(text)
      let path = reference.atlasPath
      let name = path.split(separator: ",").first.map { fileName(String($0)) } ?? path
      // A name of the hub is told apart by what precedes its slash as well.
      let title = path.hasPrefix("/") ? nameAndExtension(name).name : text
      return (slug(title).isEmpty ? "model" : slug(title), title, path)
    }
    self.images = try images.map { path in
      let set = try ImageSet(images: realPath(expandingHome(path)) ?? path)
      guard let first = set.images.first else {
        throw BuildError.newAtlas("\(path): no image in it, expected a folder with PNG, JPEG or WebP images")
      }
      guard first.place.member == nil else {
        throw BuildError.newAtlas("\(path): an archive; unpack some of its images, or name a folder or a table")
      }
      return set
    }
  }

  /// Writes it into a new folder.
  ///
  /// - Returns: the paths of its files.
  /// - Throws: `FileError`, `BuildError.newAtlas` where something is there already.
  package func write(to folder: String) throws -> [String] {
    let folder = expandingHome(folder)
    guard FileKind(of: folder, followsLinks: false) == nil else {
      throw BuildError.newAtlas("\(folder): there is something already; choose another name")
    }
    let templates = try templatesFolder()
    let sources = "\(templates)/new"
    let content = "\(realPath(Files.folder(of: templates)) ?? Files.folder(of: templates))/content"
    let kind = "\(sources)/\(model == nil ? Self.embedded : "general")"
    let words = try slots(properties: "\(kind)/properties.yml", content: content)
    var files: [(name: String, bytes: [UInt8])] = [
      ("atlas.yml", Array(filled(try readText("\(sources)/atlas.yml"), words).utf8)),
      ("commentary/index.md", Array(filled(try readText("\(sources)/commentary.md"), words).utf8)),
      ("texts/examples.yml", try readFile("\(kind)/examples.yml")),
    ]
    if model == nil {
      let texts = splitLines(try readText("\(content)/texts/gallery.txt")).prefix(Self.mostImages)
      files += [
        ("texts/gallery.txt", Array((texts.joined(separator: "\n") + "\n").utf8)),
        ("texts/pool.txt", try readFile("\(content)/texts/pool.txt")),
      ]
    } else {
      files += [
        ("texts/gallery.txt", try readFile("\(kind)/texts.txt")), ("texts/pool.txt", try readFile("\(kind)/pool.txt")),
      ]
    }
    files += try gallery(content: content)
    for file in files {
      let path = "\(folder)/\(file.name)"
      try makeFolder(Files.folder(of: path))
      try writeFile(file.bytes, to: path)
    }
    return files.map { "\(folder)/\($0.name)" }
  }

  /// What stands in place of `<WORD>`.
  private func slots(properties: String, content: String) throws -> [String: String] {
    let model =
      self.model ?? (id: Self.embedded, title: "Picture-world ViT", path: "\(content)/models/\(Self.embedded)")
    let probe: String
    if let images {
      probe = "  images: \(try jsonText(images.path))"
    } else {
      let files = try ["images/probe", "images/probe.jsonl"].map { try jsonText("\(content)/\($0)") }
      probe = "  images: \(files[0])\n  captions: \(files[1])"
    }
    return [
      "TITLE": try jsonText("The heads of \(model.title)"), "MODEL_ID": model.id, "MODEL_TITLE": oneLine(model.title),
      "MODEL_NAME": try jsonText(model.title),
      "MODEL_PATH": try jsonText(model.path), "PROBE": probe,
      "GALLERY": try "  images: gallery.jsonl" + (images.map { "\n  folder: \(try jsonText($0.folder))" } ?? ""),
      "PROPERTIES": try readText(properties),
    ]
  }

  /// The gallery's list, and the images that are copied.
  private func gallery(content: String) throws -> [(name: String, bytes: [UInt8])] {
    guard let images else {
      let set = try ImageSet(images: "\(content)/images/gallery", captions: "\(content)/images/gallery.jsonl")
      let chosen = evenlySpaced(set.images)
      return [("gallery.jsonl", try lines(chosen) { "images/\($0.place.name)" })]
        + (try chosen.map { ("images/\($0.place.name)", try readFile(at: $0.place)) })
    }
    return [("gallery.jsonl", try lines(evenlySpaced(images.images), path: images.name))]
  }

  private func evenlySpaced(_ images: [ImageSet.Entry]) -> [ImageSet.Entry] {
    let count = min(Self.mostImages, images.count)
    return (0..<count).map { images[$0 * images.count / count] }
  }

  private func lines(_ images: [ImageSet.Entry], path: (ImageSet.Entry) -> String) throws -> [UInt8] {
    try images.flatMap { image in
      Array("{\"file\": \(try jsonText(path(image))), \"caption\": \(try jsonText(image.caption))}\n".utf8)
    }
  }

  private func filled(_ text: String, _ words: [String: String]) -> String {
    var (result, rest) = ("", text[...])
    while let start = rest.firstIndex(of: "<") {
      result += rest[..<start]
      let word = rest[start...].dropFirst().prefix { $0.isUppercase || $0 == "_" }
      if rest[word.endIndex...].first == ">", let value = words[String(word)] {
        result += value
        rest = rest[word.endIndex...].dropFirst()
      } else {
        result += "<"
        rest = rest[start...].dropFirst()
      }
    }
    return result + rest
  }
}
