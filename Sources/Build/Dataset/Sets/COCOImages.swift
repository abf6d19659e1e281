import Files

extension RowCollector {
  /// COCO's images in the order of their list, with the first caption of each, the name of its licence, and where it was found.
  ///
  /// The file may be large: one image or annotation of it is in memory at a time, besides what is kept.
  /// - Throws: `FileError`, `InputProblems`, `BuildError.noImageSet`.
  mutating func read(coco file: String) throws {
    let mapping = try FileMapping(path: file)
    var facts = COCOFacts()
    do {
      try JSONValue.forEachElement(ofListsIn: mapping.bytes) { key, place, element in
        guard wantsMore else { return }
        guard case .object(let members) = element else {
          if key == "images" { refuse(.noFile(["file_name"]), place) }
          return
        }
        func value(_ name: String) -> String? { members.first { $0.key == name }?.value.scalar }
        switch key {
        case "images":
          facts.hasImages = true
          let before = images.count
          let credit = value("credit") ?? value("flickr_url")
          let row = ImageRow(file: value("file_name"), caption: "", content: .init(credit: credit))
          add(row, row: place, ["file_name"])
          if images.count > before { facts.images.append((value("id") ?? "", value("license") ?? "")) }
        case "annotations":
          if let image = value("image_id"), let caption = value("caption") { facts.add(caption, to: image) }
        case "licenses":
          if let id = value("id"), let name = value("name") { facts.licences[id] = name }
        default: break
        }
      }
    } catch {
      throw InputProblems(problems: [InputProblem(file: file, line: nil, fact: .reported("\(error)"))])
    }
    guard facts.hasImages else {
      throw BuildError.noImageSet(path: file, found: "JSON whose list of images is missing or empty", ["file_name"])
    }
    for (place, image) in facts.images.enumerated() {
      images[place].caption = facts.captions[image.id] ?? ""
      guard let licence = facts.licences[image.licence] else { continue }
      images[place].details = details(of: .init(credit: images[place].details?.credit, licence: licence))
    }
  }
}

/// What a file of COCO's says of images by their numbers.
private struct COCOFacts {
  var hasImages = false
  /// The numbers of the images and of their licences, in order.
  var images: [(id: String, licence: String)] = []
  var licences: [String: String] = [:]
  /// The first of each image.
  private(set) var captions: [String: String] = [:]

  mutating func add(_ caption: String, to image: String) {
    if captions[image] == nil { captions[image] = stripped(caption[...]) }
  }
}
