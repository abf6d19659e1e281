import Analysis
import Diagnostics
import Files

/// The images of an atlas's gallery or probe set, as they lie, with what is known of each.
package struct ImageSet: Sendable {
  package struct Object: Sendable, Hashable {
    package let text: String
    /// Path of a mask on the whole image; written relative to the folder of the images.
    package fileprivate(set) var mask: String?
    /// Values by name: kind, colour and so on.
    package let facts: [String: String]
  }

  package struct Entry: Sendable {
    package let place: FilePlace
    /// Names its page and its files in the site.
    package let id: String
    package fileprivate(set) var caption: String
    /// What few images have, or many the same.
    fileprivate var details: Details?
    /// The line of the file that lists it, or its place in that file's list; −1 where none does.
    fileprivate let row: Int32

    package var credit: String? { details?.credit }
    package var licence: String? { details?.licence }
    package var objects: [Object] { details?.objects ?? [] }
    /// Values by name: setting, weather and so on.
    package var scene: [String: String] { details?.scene ?? [:] }
    /// What is known to be true of it.
    package var facts: SceneFacts { SceneFacts(scene: scene, objects: objects.map(\.facts)) }

    fileprivate mutating func removeMask(of object: Int) {
      guard let details else { return }
      self.details = details.withoutMask(of: object)
    }
  }

  /// What is known of an image besides its caption; one value for all of which the same is known.
  final class Details: Sendable {
    struct Content: Sendable, Hashable {
      var credit: String?
      var licence: String?
      var scene: [String: String] = [:]
      var objects: [Object] = []
    }
    private let content: Content

    init(_ content: Content) { self.content = content }

    var credit: String? { content.credit }
    var licence: String? { content.licence }
    var scene: [String: String] { content.scene }
    var objects: [Object] { content.objects }

    fileprivate func withoutMask(of object: Int) -> Details {
      var content = content
      content.objects[object].mask = nil
      return Details(content)
    }
  }

  /// The folder, or the file that holds or lists the images; a pattern of several as it was written.
  package let path: String
  package let form: ImageSetForm
  /// Where the paths of masks start.
  let folder: String
  /// Of a folder in ascending order of their names, of anything else in its own order.
  package private(set) var images: [Entry]
  /// Rows that name no image which could be looked for, and were left out.
  package let rowsLeftOut: Int
  /// One line on what was left out; nil where nothing was.
  package let remark: String?
  /// What is there besides images, by file name.
  private let leftOut: [String: ImageFolder.Reason]

  /// The name of a class among an image's facts.
  package static let classFact = "class"

  /// - Parameters:
  ///   - images: a folder, or a file that holds or lists images; see `ImageSetForm`.
  ///   - captions: a file of JSON Lines with an object per image, which may leave images out.
  /// - Throws: `FileError`, `TarError`, `BuildError`, `InputProblems`.
  package init(
    images: String, captions: String? = nil, options: ImageSetOptions = ImageSetOptions()
  ) throws {
    let problems = ProblemList()
    try self.init(images: [images], named: images, options)
    if let captions { problems.attempt(captions, nil) { try read(captions: captions, problems) } }
    try problems.check()
  }

  /// No images of no folder.
  static let none = ImageSet(path: "", form: .folder, folder: "", images: [], rowsLeftOut: 0, remark: nil, leftOut: [:])

  /// - Parameters:
  ///   - paths: one folder or file, or several archives.
  ///   - name: as they were named.
  /// - Throws: `FileError`, `TarError`, `BuildError`, `InputProblems`.
  init(images paths: [String], named name: String, _ options: ImageSetOptions) throws {
    let listed = try ListedImages(paths, named: name, options)
    let ids = imageIdentifiers(listed.images.map { listed.form.name(of: $0.place) })
    path = name
    form = listed.form
    folder = listed.folder
    rowsLeftOut = listed.rowsLeftOut
    remark = listed.remark
    leftOut = listed.leftOut
    images = zip(listed.images, ids).map { image, id in
      Entry(place: image.place, id: id, caption: image.caption, details: image.details, row: image.row)
    }
  }

  private init(
    path: String, form: ImageSetForm, folder: String, images: [Entry], rowsLeftOut: Int, remark: String?,
    leftOut: [String: ImageFolder.Reason]
  ) {
    (self.path, self.form, self.folder, self.images) = (path, form, folder, images)
    (self.rowsLeftOut, self.remark, self.leftOut) = (rowsLeftOut, remark, leftOut)
  }

  /// Without the images and masks that failed.
  func without(_ failures: [ImageCheck.Failure]) -> ImageSet {
    guard !failures.isEmpty else { return self }
    var rest = self
    for failure in failures {
      if let object = failure.object { rest.images[failure.place].removeMask(of: object) }
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
  /// What an image is called in the set: the path of its file from the folder on, or the name of a member of an archive; of
  /// several archives with the archive's own name before it.
  package func name(of image: Entry) -> String { form.name(of: image.place) }

  /// Where the row stands that names an image, for messages; nil where no row does.
  func row(of place: Int) -> String? {
    let row = images[place].row
    guard row >= 0, let list = form.list else { return nil }
    return form == .coco(list) ? "\(list): images[\(row)]" : "\(list):\(row)"
  }

  /// The names of its classes, in ascending order.
  package var classes: [String] { Set(images.lazy.compactMap { $0.scene[Self.classFact] }).sorted() }

  /// What the set was taken for, for messages: `photos: 24 images in 3 class folders`.
  var summary: String {
    let classes = form == .classFolders ? " of \(counted(classes.count, "class", plural: "classes"))" : ""
    return "\(path): \(counted(images.count, "image"))\(classes) in \(form.words)"
  }
}

extension ImageSet {
  /// More problems than this of one file are not looked for.
  static let mostProblems = 10

  /// - Throws: `FileError`.
  mutating func read(captions file: String, _ problems: ProblemList) throws(FileError) {
    problems.mention(file)
    let names = images.map(name)
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
        images[place].read(record, folder: folder, &shared)
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
  /// What captions say takes the place of what was known, apart from the class.
  fileprivate mutating func read(_ record: StrictMapping, folder: String, _ shared: inout SharedValues) {
    var content = ImageSet.Details.Content()
    caption = record.optionalText("caption") ?? caption
    content.credit = (record.optionalText("credit") ?? record.optionalText("source") ?? credit)
      .map { shared.texts.shared($0) }
    content.licence = (record.optionalText("licence") ?? record.optionalText("license") ?? licence)
      .map { shared.texts.shared($0) }
    content.scene = shared.facts.shared(scene.merging(facts(record, &shared)) { $1 })
    content.objects = record.mappings("objects", allowed: ["text", "mask", "scene"]).compactMap { object in
      guard let text = object.text("text") else { return nil }
      return ImageSet.Object(
        text: shared.texts.shared(text), mask: object.optionalPath("mask", .file, in: folder),
        facts: shared.facts.shared(facts(object, &shared)))
    }
    details = shared.details(content)
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
struct SharedValues {
  var texts = Pool<String>()
  var facts = Pool<[String: String]>()
  private var known: [ImageSet.Details.Content: ImageSet.Details] = [:]

  struct Pool<Value: Hashable> {
    private var known: Set<Value> = []

    /// The first value that was equal to this one.
    mutating func shared(_ value: Value) -> Value { known.insert(value).memberAfterInsert }
  }

  /// Nil where nothing is known.
  mutating func details(_ content: ImageSet.Details.Content) -> ImageSet.Details? {
    guard content != ImageSet.Details.Content() else { return nil }
    if let details = known[content] { return details }
    let details = ImageSet.Details(content)
    known[content] = details
    return details
  }
}

/// `count` of `values`, spread evenly over all of them; all where there are no more.
func evenlySpaced<Value>(_ count: Int, of values: [Value]) -> [Value] {
  guard count < values.count else { return values }
  return (0..<count).map { values[$0 * values.count / count] }
}
