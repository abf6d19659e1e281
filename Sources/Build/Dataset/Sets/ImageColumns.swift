import Files

/// What `atlas.yml` says of an image set besides where it is.
package struct ImageSetOptions: Sendable {
  /// Where the names of files in rows start; nil for the folder of the file that has the rows.
  package var folder: String?
  package var columns: ImageColumns
  /// What is done about rows that name no image which could be looked for.
  package var unreadable: UnreadableImages

  package init(
    folder: String? = nil, columns: ImageColumns = ImageColumns(), unreadable: UnreadableImages = .stop
  ) {
    (self.folder, self.columns, self.unreadable) = (folder, columns, unreadable)
  }
}

/// The columns of a table, or keys of JSON, that say what an image is.
package struct ImageColumns: Sendable, Equatable {
  package enum Role: String, CaseIterable, Sendable {
    case file, caption, label = "class", credit, licence
  }
  /// Names that were chosen.
  package var chosen: [Role: String] = [:]
  /// Columns that are facts of the images, each under its own name.
  package var facts: [String] = []

  package init() {}

  /// The names that a column may have, the first that is there counting.
  func names(of role: Role) -> [String] {
    if let name = chosen[role] { return [name] }
    return switch role {
    // As Hugging Face's imagefolder, open_clip and this program have it.
    case .file: ["file_name", "filepath", "file"]
    case .caption: ["caption", "text", "title"]
    case .label: [ImageSet.classFact, "label"]
    case .credit: ["credit", "source"]
    case .licence: ["licence", "license"]
    }
  }

  /// What one image's row, a line of a table or an object of JSON, says.
  ///
  /// - Parameter value: the text under a name; nil where there is none.
  func row(_ value: (String) -> String?) -> ImageRow {
    func text(_ name: String) -> String? {
      value(name).map { stripped($0[...]) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    func text(_ role: Role) -> String? {
      for name in names(of: role) {
        if let text = text(name) { return text }
      }
      return nil
    }
    var scene: [String: String] = [:]
    for name in facts { scene[name] = text(name) }
    if let label = text(.label) { scene[ImageSet.classFact] = label }
    return ImageRow(
      file: text(.file), caption: text(.caption) ?? "",
      content: .init(credit: text(.credit), licence: text(.licence), scene: scene))
  }
}

/// What a row says of an image.
struct ImageRow {
  /// As it is written.
  var file: String?
  var caption: String
  var content: ImageSet.Details.Content

  static let nothing = ImageRow(file: nil, caption: "", content: .init())
}

extension ImageRow {
  /// - Parameter object: its scalars count; nil where it is no object.
  init?(_ object: JSONValue, _ columns: ImageColumns) {
    guard case .object(let members) = object else { return nil }
    self = columns.row { name in members.first { $0.key == name }?.value.scalar }
  }
}

extension JSONValue {
  /// A text, or a number or truth value as it is written; nil for anything else.
  var scalar: String? {
    switch self {
    case .text(let text), .number(let text): text
    case .boolean(let value): "\(value)"
    case .null, .list, .object: nil
    }
  }
}
