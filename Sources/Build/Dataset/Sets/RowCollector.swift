import Diagnostics
import Files

/// Why a row names no image that could be looked for; `description` words it for the end of a message.
enum RowFault: Hashable, Sendable, CustomStringConvertible {
  /// Nothing under any of the names of the column.
  case noFile([String])
  case fieldCount(Int, expected: Int)
  case table(TableFault)
  case notAnObject
  /// A path that leads out of the folder.
  case outside(name: String, folder: String)
  case zeroByte(name: String)

  var description: String {
    switch self {
    case .noFile(let names): "no file is named, expected its path under \(names.map(quoted).joined(separator: " or "))"
    case .fieldCount(let count, let expected):
      "\(counted(count, "field")), expected \(expected) as in the first row; put quotes around fields with separators in them"
    case .table(let fault): "\(fault)"
    case .notAnObject: #"expected one JSON object on every line, such as {"file_name": "photo.jpg", "text": "a cat"}"#
    case .outside(let name, let folder):
      "\(quoted(name)) is not in the folder \(folder), expected a path in it; name the folder that holds all images: folder"
    case .zeroByte(let name): "\(quoted(name)) has a zero byte, expected the path of a file; correct the row"
    }
  }

  /// What a row with it is, for counts.
  var row: String {
    switch self {
    case .noFile: "without a file"
    case .fieldCount: "of another length"
    case .table(.openQuote), .table(.textAfterQuote): "with unmatched quotes"
    case .table(.longField): "with too long a field"
    case .table(.notText): "not in UTF-8"
    case .notAnObject: "without a JSON object"
    case .outside: "with a path out of the folder"
    case .zeroByte: "with a zero byte in a path"
    }
  }
}

/// Makes images of rows, one of each file: what is wrong with a row becomes a problem, or the row is left out and counted.
///
/// No file that a row names is looked at here.
struct RowCollector {
  /// What is wrong with rows, unless they are left out.
  let problems = ProblemList()
  var images: [ListedImage] = []
  private(set) var leftOutCount = 0
  private let form: ImageSetForm
  private let list: String
  private let folder: String
  /// The folder's absolute path, without links; for names that are absolute.
  private let realFolder: String?
  private let skips: Bool
  private var known: Set<String> = []
  private var faults: [String: (count: Int, first: String)] = [:]
  private var repeated: (count: Int, first: String) = (0, "")
  private var shared = SharedValues()

  init(_ form: ImageSetForm, folder: String, _ unreadable: UnreadableImages) {
    self.form = form
    self.folder = folder
    list = form.list ?? folder
    realFolder = realPath(folder)
    skips = unreadable == .skip
    problems.mention(list)
  }

  /// Whether more rows are wanted: the first few problems of a file tell what is wrong with it.
  var wantsMore: Bool { problems.count < ImageSet.mostProblems }

  /// Takes a row.
  ///
  /// - Parameters:
  ///   - row: its line, or its place in a list.
  ///   - columns: the names that the path of a file may stand under.
  mutating func add(_ image: ImageRow, row: Int, _ columns: [String]) {
    guard let file = image.file else { return refuse(.noFile(columns), row) }
    guard !file.utf8.contains(0) else { return refuse(.zeroByte(name: file), row) }
    guard let name = nameInFolder(file) else { return refuse(.outside(name: file, folder: folder), row) }
    guard known.insert(name).inserted else {
      repeated = (repeated.count + 1, repeated.count == 0 ? "\(row)" : repeated.first)
      return
    }
    images.append(
      ListedImage(
        place: FilePlace(name, in: folder), caption: image.caption, details: details(of: image.content),
        row: Int32(clamping: row)))
  }

  /// Details of an image, one storage for equal ones.
  mutating func details(of content: ImageSet.Details.Content) -> ImageSet.Details? { shared.details(content) }

  /// Takes down what is wrong with a row.
  mutating func refuse(_ fault: RowFault, _ row: Int) {
    if skips {
      leftOutCount += 1
      faults[fault.row, default: (0, "\(row)")].count += 1
    } else if case .coco = form {
      problems.add(.reported("images[\(row)]: \(fault)"), list, nil)
    } else {
      problems.add(.reported("\(fault)"), list, row)
    }
  }

  /// The path from the folder on; nil where it leads out of it.
  private func nameInFolder(_ file: String) -> String? {
    // A slash with an accent on it is another Character, and the same byte to the system.
    let slash = UInt8(ascii: "/")
    var rest = file.utf8[...]
    if rest.first == slash {
      let base = [folder, realFolder].lazy.compactMap { $0 }.first { isInside(file, $0) && $0.utf8.first == slash }
      guard let base else { return nil }
      rest = rest.dropFirst(base.utf8.count)
    }
    let parts = rest.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
    guard !parts.isEmpty, !parts.contains(where: { $0.elementsEqual("..".utf8) }) else { return nil }
    return parts.map { String(Substring($0)) }.joined(separator: "/")
  }

  /// One line on rows that were left out or say nothing new; nil where there are none.
  var remark: String? {
    var parts = faults.sorted { $0.key < $1.key }.map { row, found in
      "left out \(counted(found.count, "row")) \(row) (\(found.count > 1 ? "first " : "")\(found.first))"
    }
    if repeated.count > 0 {
      parts.append(
        "\(counted(repeated.count, "row")) for a file that an earlier row names (first \(repeated.first)), whose text is used"
      )
    }
    return parts.isEmpty ? nil : "\(list): \(counted(images.count, "image")); \(parts.joined(separator: ", "))"
  }
}

extension RowCollector {
  /// - Throws: `FileError`, `BuildError.noColumn`.
  mutating func read(table file: String, _ separator: UInt8, _ columns: ImageColumns) throws {
    let header = try ImageSetForm.header(ofTable: file, separator) ?? []
    let wanted = Array(columns.chosen.values) + columns.facts
    for name in wanted.sorted() where !header.contains(name) {
      throw BuildError.noColumn(path: file, name: name, nearest: nearestName(to: name, in: header), columns: header)
    }
    let places = Dictionary(zip(header, header.indices), uniquingKeysWith: { first, _ in first })
    let names = columns.names(of: .file)
    var isHeader = true
    try forEachRow(ofTable: file, separator: separator) { line, row in
      defer { isHeader = false }
      guard !isHeader else { return true }
      switch row {
      case .failure(let fault): refuse(.table(fault), line)
      case .success(let fields) where fields.count != header.count:
        refuse(.fieldCount(fields.count, expected: header.count), line)
      case .success(let fields): add(columns.row { name in places[name].map { fields[$0] } }, row: line, names)
      }
      return wantsMore
    }
  }

  /// - Throws: `FileError`.
  mutating func read(lines file: String, _ columns: ImageColumns) throws {
    let names = columns.names(of: .file)
    try forEachJSONValue(of: file) { line, value in
      if let row = value.flatMap({ ImageRow($0, columns) }) {
        add(row, row: line, names)
      } else {
        refuse(.notAnObject, line)
      }
      return wantsMore
    }
  }
}
