import Diagnostics
import Files
import Images

/// How a set of images lies, found out from what is there.
package enum ImageSetForm: Sendable, Equatable {
  /// A folder with images in it.
  case folder
  /// A folder of folders, each with the images of a class.
  case classFolders
  /// A table that names an image in every row.
  case table(String, separator: UInt8)
  /// JSON Lines that name an image in every line.
  case lines(String)
  /// COCO's JSON: a list of images, and of annotations with their captions.
  case coco(String)
  /// Tar archives as webdataset reads them; of several, each has its name in those of its images.
  case tars(areSeveral: Bool)

  /// The file whose rows name the images; nil where they are found without.
  var list: String? {
    switch self {
    case .table(let file, _), .lines(let file), .coco(let file): file
    case .folder, .classFolders, .tars: nil
    }
  }

  /// For messages.
  var words: String {
    switch self {
    case .folder: "a folder"
    case .classFolders: "folders of classes"
    case .table(_, let separator): separator == UInt8(ascii: "\t") ? "a table with tabs" : "a table"
    case .lines: "JSON Lines"
    case .coco: "COCO captions"
    case .tars(let areSeveral): areSeveral ? "several tar archives" : "a tar archive"
    }
  }

  /// What an image of the set is called, given its place.
  func name(of place: FilePlace) -> String {
    self == .tars(areSeveral: true) ? "\(nameAndExtension(fileName(place.path)).name)/\(place.name)" : place.name
  }
}

extension ImageSetForm {
  /// How many bytes of a file may be read to find out what it is.
  private static let sample = 1 << 16

  /// The rows about the images of a folder, as Hugging Face's imagefolder has them; nil where there are none.
  ///
  /// - Throws: `FileError`.
  init?(metadataOf folder: String, _ columns: ImageColumns) throws(FileError) {
    for name in ["metadata.jsonl", "metadata.csv"] where FileKind(of: "\(folder)/\(name)") == .file {
      let file = "\(folder)/\(name)"
      let form = try name.hasSuffix("l") ? Self.linesForm(file, columns) : Self.tableForm(file, columns)
      if let form {
        self = form
        return
      }
    }
    return nil
  }

  /// What a file is.
  ///
  /// - Throws: `FileError`, `TarError.compressed`, `BuildError.noImageSet`.
  init(ofFile file: String, _ columns: ImageColumns) throws {
    let start = try readStart(of: file, count: Self.sample)
    if let packing = compression(start) {
      throw TarError.compressed(path: file, by: packing.program, command: packing.command)
    }
    if TarReader.recognises(start) {
      self = .tars(areSeveral: false)
    } else if Self.isObject(start) {
      self = try Self.linesForm(file, columns) ?? .coco(file)
    } else if let table = try Self.tableForm(file, columns) {
      self = table
    } else {
      throw BuildError.noImageSet(path: file, found: Self.found(file, start), columns.names(of: .file))
    }
  }

  /// Whether the first character is a brace.
  private static func isObject(_ start: [UInt8]) -> Bool {
    let text = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start[3...] : start[...]
    return text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
  }

  /// Nil where the first line is no object with the name of a file.
  private static func linesForm(_ file: String, _ columns: ImageColumns) throws(FileError) -> ImageSetForm? {
    let start = try readStart(of: file, count: sample)
    let text = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start[3...] : start[...]
    let line = text.split(whereSeparator: isLineEnd).first { line in line.contains { $0 != 0x20 && $0 != 0x09 } }
    guard let line, let value = try? JSONValue(json: Array(line)), case .object(let members) = value else { return nil }
    let names = columns.names(of: .file)
    return members.contains { names.contains($0.key) } ? .lines(file) : nil
  }

  /// Nil where the first line has no column with the names of files.
  private static func tableForm(_ file: String, _ columns: ImageColumns) throws(FileError) -> ImageSetForm? {
    let names = columns.names(of: .file)
    for separator in ["\t", ",", ";"].map(UInt8.init(ascii:)) {
      if let header = try header(ofTable: file, separator), names.contains(where: header.contains) {
        return .table(file, separator: separator)
      }
    }
    return nil
  }

  /// The columns of a table; nil where its first row cannot be read.
  static func header(ofTable file: String, _ separator: UInt8) throws(FileError) -> [String]? {
    var header: [String]?
    try forEachRow(ofTable: file, separator: separator) { _, row in
      header = (try? row.get())?.map { stripped($0[...]) }
      return false
    }
    return header
  }

  /// What a file is that holds no set, for messages.
  private static func found(_ file: String, _ start: [UInt8]) -> String {
    switch FileContent(start) {
    case .nothing: return "an empty file"
    case .png, .jpeg, .webp: return "an image"
    case .other(let format): return format.name
    case .unknown:
      let line = start.split(whereSeparator: isLineEnd).first ?? []
      guard let text = String(validating: line.prefix(400), as: UTF8.self) else { return "bytes that are not text" }
      return "a text that begins with \(quoted(text))"
    }
  }
}
