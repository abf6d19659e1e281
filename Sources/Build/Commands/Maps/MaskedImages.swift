import Diagnostics
import Files
import Images
import Parallel

/// Images with masks of what they show, for scores of maps.
struct MaskedImages {
  struct Object {
    /// The place of its text.
    let text: Int
    let mask: String
  }
  struct Image {
    let place: FilePlace
    let objects: [Object]
  }
  let images: [Image]
  /// All texts that are looked for, each once, in the order in which they come.
  let texts: [String]

  /// - Throws: `MaskProblem`, and what reading sets of images throws.
  init(_ options: SegmentationOptions) throws {
    let set = try ImageSet(images: options.images, captions: options.captions)
    let masks = try options.masks.map(MaskFolder.init)
    var (texts, places): ([String], [String: Int]) = ([], [:])
    func place(of text: String) -> Int {
      if let known = places[text] { return known }
      texts.append(text)
      places[text] = texts.count - 1
      return texts.count - 1
    }
    images = try set.images.map { image in
      guard let masks else {
        return Image(
          place: image.place,
          objects: image.objects.compactMap { object in
            object.mask.map { Object(text: place(of: object.text), mask: $0) }
          })
      }
      let name = set.name(of: image)
      guard let text = Self.text(of: image, options.prompt) else { throw MaskProblem.noText(image: name) }
      return Image(place: image.place, objects: [Object(text: place(of: text), mask: try masks.mask(of: name))])
    }.filter { !$0.objects.isEmpty }
    self.texts = texts
    guard !images.isEmpty else { throw MaskProblem.noMasks(images: options.images) }
    guard texts.count > 1 else { throw MaskProblem.oneText(texts.first ?? "") }
  }

  /// Reads all masks, and throws what is wrong with any of them.
  ///
  /// - Throws: `InputProblems`.
  func check(threads: Int) throws {
    let paths = images.flatMap { $0.objects.map(\.mask) }
    let problems = ProblemList()
    let failures = try inParallel(paths.count, threads: threads) { place -> String? in
      try Interruption.shared.check()
      do {
        _ = try readMask(path: paths[place])
        return nil
      } catch { return "\(error)" }
    }
    for (path, failure) in zip(paths, failures) {
      if let failure { problems.attempt(path, nil) { throw MaskProblem.unreadable(failure) } }
    }
    try problems.check()
  }

  /// The caption of an image, or its class in the prompt.
  private static func text(of image: ImageSet.Entry, _ prompt: String) -> String? {
    guard image.caption.isEmpty else { return image.caption }
    return image.scene[ImageSet.classFact].map { prompt.replacing("{}", with: $0) }
  }
}

/// A folder with a mask for each image, of the same name but for the extension.
private struct MaskFolder {
  private let path: String
  /// By the name without its extension.
  private let masks: [String: String]

  init(_ path: String) throws {
    self.path = path
    let set = try ImageSet(images: path)
    var masks: [String: String] = [:]
    for image in set.images {
      let name = withoutExtension(set.name(of: image))
      if let other = masks.updateValue("\(image.place)", forKey: name) {
        throw MaskProblem.twoMasks(other, "\(image.place)")
      }
    }
    self.masks = masks
  }

  func mask(of image: String) throws(MaskProblem) -> String {
    let name = withoutExtension(image)
    guard let mask = masks[name] else {
      throw .noMask(image: image, folder: path, nearest: nearestName(to: name, in: Array(masks.keys).sorted()))
    }
    return mask
  }
}

private func withoutExtension(_ name: String) -> String {
  let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
  guard let point = name[start...].lastIndex(of: "."), point > start else { return name }
  return String(name[..<point])
}

/// Why maps cannot be held against masks.
enum MaskProblem: Error, Equatable, CustomStringConvertible {
  case noMasks(images: String)
  case noMask(image: String, folder: String, nearest: String?)
  case twoMasks(String, String)
  /// With what reading a mask said of it.
  case unreadable(String)
  case noText(image: String)
  case oneText(String)

  var description: String {
    switch self {
    case .noMasks(let images):
      "\(images): no image has a mask, expected objects with the key mask in the file of --captions, or --masks FOLDER with a mask for each image"
    case .noMask(let image, let folder, let nearest):
      "\(folder): no mask for \(quoted(image)), expected a file of that name with any extension"
        + (nearest.map { "; the nearest is \(quoted($0))" } ?? "")
    case .twoMasks(let first, let second):
      "\(second): of the same image as \(first), expected one mask for each image"
    case .unreadable(let reason): reason
    case .noText(let image):
      "\(image): no text to look for, expected a caption, or a folder of its class: give --captions"
    case .oneText(let text):
      "all masks are of \(quoted(text)), expected at least two texts: a map is held against the mean of the maps of all"
    }
  }
}
