import Analysis
import Diagnostics
import Files

/// A folder of images with what is known of each.
package struct ImageSet: Sendable {
  package struct Object: Sendable {
    package let text: String
    /// Path of a mask on the whole image; written relative to the folder of the images.
    package fileprivate(set) var mask: String?
    /// Values by name: kind, colour and so on.
    package let facts: [String: String]
  }

  package struct Entry: Sendable {
    fileprivate let folder: String
    fileprivate let name: String
    /// Names its page and its files in the site.
    package let id: String
    package fileprivate(set) var caption = ""
    package fileprivate(set) var credit: String?
    package fileprivate(set) var licence: String?
    package fileprivate(set) var objects: [Object] = []
    /// Values by name: setting, weather and so on.
    package fileprivate(set) var scene: [String: String] = [:]

    package var place: FilePlace { FilePlace(name, in: folder) }
    /// What is known to be true of it.
    package var facts: SceneFacts { SceneFacts(scene: scene, objects: objects.map(\.facts)) }
  }

  package let folder: String
  /// In ascending order of their file names.
  package private(set) var images: [Entry]
  /// One line on what else is in the folder; nil where nothing is.
  package let remark: String?
  /// What else is in it, by file name.
  private let leftOut: [String: ImageFolder.Reason]

  /// - Parameters:
  ///   - folder: holds the images; what else is in it is left out.
  ///   - captions: a file of JSON Lines with an object per image, which may leave images out.
  /// - Throws: `FileError`, `BuildError.noImages`, `InputProblems`.
  package init(folder: String, captions: String?) throws {
    try self.init(images: folder)
    guard let captions else { return }
    let problems = ProblemList()
    problems.attempt(captions, nil) { try read(captions: captions, problems) }
    try problems.check()
  }

  /// No images of no folder.
  static let none = ImageSet(folder: "")

  private init(folder: String) {
    (self.folder, images, remark, leftOut) = (folder, [], nil, [:])
  }

  /// - Throws: `FileError`, `BuildError.noImages`.
  init(images folder: String) throws {
    let found = try ImageFolder(folder)
    self.folder = folder
    (remark, leftOut) = (found.remark, found.leftOut)
    images = zip(found.names, imageIdentifiers(found.names)).map { Entry(folder: folder, name: $0, id: $1) }
  }

  /// Without the images and masks that failed.
  func without(_ failures: [ImageCheck.Failure]) -> ImageSet {
    guard !failures.isEmpty else { return self }
    var rest = self
    for failure in failures {
      if let object = failure.object { rest.images[failure.place].objects[object].mask = nil }
    }
    let places = Set(failures.filter { $0.object == nil }.map(\.place))
    rest.images = rest.images.enumerated().filter { !places.contains($0.offset) }.map(\.element)
    return rest
  }

  /// Some of the images, spread evenly over all of them.
  func sample(_ count: Int) -> ImageSet {
    var sample = self
    sample.images = evenlySpaced(count, of: images)
    return sample
  }
}

extension ImageSet {
  /// More problems than this of one file are not looked for.
  private static let mostProblems = 10

  /// - Throws: `FileError`.
  mutating func read(captions file: String, _ problems: ProblemList) throws(FileError) {
    problems.mention(file)
    let names = images.map(\.name)
    // Names that differ in bytes may be equal as texts.
    let places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    let before = problems.count
    var isKnown = [Bool](repeating: false, count: names.count)
    var shared = SharedValues()
    try forEachJSONLine(of: file) { line, value in
      guard let value, case .mapping = value.kind else {
        problems.add(.notCaptions, file, line)
        return false
      }
      let record = StrictMapping(value, file: file, name: "the image", allowed: Self.keys, problems)
      guard let record, let name = record.text("file", expected: "the name of an image file") else {
        return problems.count < before + Self.mostProblems
      }
      if let place = places[name] {
        if isKnown[place] { problems.add(.repeated(kind: "image", id: name), file, line) }
        isKnown[place] = true
        images[place].read(record, &shared)
      } else if let reason = leftOut[name] {
        problems.add(.notAnImage(name: name, found: reason.name), file, line)
      } else {
        problems.add(.unknown(kind: "image", name: name, nearest: nearestName(to: name, in: names)), file, line)
      }
      return problems.count < before + Self.mostProblems
    }
  }

  private static let keys = ["file", "caption", "credit", "licence", "license", "source", "objects", "scene"]
}

extension ImageSet.Entry {
  fileprivate mutating func read(_ record: StrictMapping, _ shared: inout SharedValues) {
    caption = record.optionalText("caption") ?? ""
    credit = (record.optionalText("credit") ?? record.optionalText("source")).map { shared.texts.shared($0) }
    licence = (record.optionalText("licence") ?? record.optionalText("license")).map { shared.texts.shared($0) }
    scene = shared.facts.shared(facts(record, &shared))
    objects = record.mappings("objects", allowed: ["text", "mask", "scene"]).compactMap { object in
      guard let text = object.text("text") else { return nil }
      return ImageSet.Object(
        text: shared.texts.shared(text), mask: object.optionalPath("mask", .file, in: folder),
        facts: shared.facts.shared(facts(object, &shared)))
    }
  }

  /// The scalars of `scene`, by name.
  private func facts(_ record: StrictMapping, _ shared: inout SharedValues) -> [String: String] {
    guard let value = record.value("scene") else { return [:] }
    guard case .mapping(let entries) = value.kind else {
      record.refuse("scene", value.words, expected: "a mapping of facts, such as setting to beach")
      return [:]
    }
    var facts: [String: String] = [:]
    for entry in entries {
      switch entry.value.kind {
      case .text(let text): facts[shared.texts.shared(entry.key)] = shared.texts.shared(text)
      case .null: continue
      case .list, .mapping: record.refuse("scene", "a mapping with \(entry.value.words)", expected: "texts and numbers")
      }
    }
    return facts
  }
}

/// One storage for equal values: records of very many images say the same over and over.
private struct SharedValues {
  var texts = Pool<String>()
  var facts = Pool<[String: String]>()

  struct Pool<Value: Hashable> {
    private var known: Set<Value> = []

    /// The first value that was equal to this one.
    mutating func shared(_ value: Value) -> Value { known.insert(value).memberAfterInsert }
  }
}

/// `count` of `values`, spread evenly over all of them; all where there are no more.
func evenlySpaced<Value>(_ count: Int, of values: [Value]) -> [Value] {
  guard count < values.count else { return values }
  return (0..<count).map { values[$0 * values.count / count] }
}
