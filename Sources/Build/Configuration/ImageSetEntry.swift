import Analysis
import Diagnostics
import Files

/// What an atlas's description says of its gallery or its probe set.
struct ImageSetEntry {
  let mapping: StrictMapping
  private let base: String
  /// What `images` is, as it is written.
  let name: String
  /// The folder or file, or several archives; nil where there is none.
  let paths: [String]?
  private let folder: String?
  private let columns: ImageColumns

  static let keys = ["images", "captions", "folder", "columns", "class_texts", "class_pool"]

  /// Stands for the name of a class.
  private static let blank = "{}"

  /// - Parameter base: the folder that relative paths start from.
  init(_ mapping: StrictMapping, base: String) {
    self.mapping = mapping
    self.base = base
    name = mapping.optionalText("images").map { resolve($0, in: base) } ?? base
    paths = mapping.paths("images", in: base, expected: "the path of a folder, or of a file that holds or lists images")
    folder = mapping.optionalPath("folder", .folder, in: base)
    columns = ImageColumns(mapping)
  }

  func options(_ unreadable: UnreadableImages) -> ImageSetOptions {
    ImageSetOptions(folder: folder, columns: columns, unreadable: unreadable)
  }

  /// Takes down what is said and has no use for such a set.
  func checkUse(of set: ImageSet) {
    if folder != nil, set.form.list == nil || FileKind(of: set.path) == .folder {
      mapping.refuse("folder", "given with \(set.form.words)", expected: "a file whose rows name images; remove it")
    }
    if columns != ImageColumns() {
      switch set.form {
      case .table, .lines, .tars: break
      case .folder, .classFolders, .coco:
        mapping.refuse(
          "columns", "given with \(set.form.words)", expected: "a table, JSON Lines or tar archives; remove it")
      }
    }
  }

  /// A text for each class of a set, as `key` words it.
  func texts(_ key: String, of set: ImageSet) -> [ImageClass] {
    guard let pattern = mapping.optionalText(key) else { return [] }
    guard pattern.contains(Self.blank) else {
      mapping.refuse(
        key, quoted(pattern), expected: "a text with {} in the place of a class, such as \"a photo of a {}\"")
      return []
    }
    let classes = set.classes
    if classes.isEmpty {
      mapping.refuse(
        key, "given with images of no class",
        expected: "folders of classes, a column \"class\" or \"label\", or .cls files")
    }
    return classes.map { name in
      ImageClass(name: name, text: pattern.replacing(Self.blank, with: name.replacing("_", with: " ")))
    }
  }
}

extension ImageColumns {
  /// What `columns` says in an entry.
  fileprivate init(_ entry: StrictMapping) {
    self.init()
    guard let mapping = entry.mapping("columns", allowed: Role.allCases.map(\.rawValue) + ["facts"]) else { return }
    for role in Role.allCases { chosen[role] = mapping.optionalText(role.rawValue, expected: "the name of a column") }
    facts = mapping.texts("facts")
  }
}
