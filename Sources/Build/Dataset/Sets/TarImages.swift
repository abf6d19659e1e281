import Diagnostics
import Files
import Images

/// The images in tar archives, in the archives' own order, with what lies beside them: `.txt` is the caption, `.cls` the class,
/// `.json` an object of both, credit and licence.
///
/// Files belong together, as to webdataset, where their names are the same up to the first dot after the last slash. An
/// archive is read once, by its headers, the first bytes of images, and the texts.
struct TarImages {
  private(set) var images: [ListedImage] = []
  private(set) var leftOut = LeftOutFiles()
  private let paths: [String]
  private let columns: ImageColumns
  private var shared = SharedValues()
  /// Texts that cannot be used, by reason.
  private var badTexts: [String: (count: Int, first: String)] = [:]

  /// More bytes than this no text beside an image has.
  private static let mostBytes = 1 << 20

  /// - Throws: `FileError`, `TarError`, `BuildError.noImageSet`.
  init(_ paths: [String], _ columns: ImageColumns) throws {
    self.paths = paths
    self.columns = columns
    for path in paths {
      if paths.count > 1 {
        let form = try ImageSetForm(ofFile: path, columns)
        guard case .tars = form else {
          throw BuildError.noImageSet(path: path, found: "\(form.words) among several files", columns.names(of: .file))
        }
      }
      try add(path)
    }
  }

  /// One line on what was left out; nil where nothing was.
  var remark: String? {
    let texts = badTexts.sorted { $0.key < $1.key }.map { "\(counted($1.count, "text")) \($0) (\(oneLine($1.first)))" }
    let parts = (leftOut.list.map { [$0] } ?? []) + texts
    guard !parts.isEmpty else { return nil }
    let name = paths.count > 1 ? "\(paths[0]) and \(paths.count - 1) more" : paths[0]
    return "\(name): \(counted(images.count, "image")); left out \(parts.joined(separator: ", "))"
  }

  private mutating func add(_ path: String) throws {
    var reader = try TarReader(path)
    let first = images.count
    var places: [String: Int] = [:]
    var texts: [Substring: ImageRow] = [:]
    while let member = try reader.next() {
      guard let reason = try reason(against: member, in: reader) else {
        if let place = places[member.name] {
          // As unpacking would have it.
          leftOut.add(member.name, .replaced)
          images[place] = ListedImage(place: reader.place(of: member))
        } else {
          places[member.name] = images.count
          images.append(ListedImage(place: reader.place(of: member)))
        }
        continue
      }
      let (key, kind) = Self.keyAndKind(member.name)
      if member.kind == .file, member.isNameText, ["txt", "json", "cls"].contains(kind), reason != .hidden {
        try read(kind, of: member, in: reader, into: &texts[key, default: .nothing])
      } else if member.kind != .folder {
        leftOut.add(member.name, reason)
      }
    }
    guard !texts.isEmpty else { return }
    for place in first..<images.count {
      guard let row = texts[Self.keyAndKind(images[place].place.name).key] else { continue }
      images[place].caption = row.caption
      images[place].details = shared.details(row.content)
    }
  }

  /// Why a member is no image; nil for an image.
  private func reason(against member: TarReader.Member, in reader: TarReader) throws -> ImageFolder.Reason? {
    guard member.isNameText else { return .undecodableName }
    if fileName(member.name).hasPrefix(".") { return .hidden }
    switch member.kind {
    case .file: break
    case .folder: return .folder
    case .link: return .memberLink
    case .other: return .notRegular
    }
    return ImageFolder.Reason(member.name, start: try reader.start(of: member, count: FileContent.sample))
  }

  /// The name up to the first dot after its last slash, and what follows, in lower case.
  private static func keyAndKind(_ name: String) -> (key: Substring, kind: String) {
    let bytes = name.utf8
    let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes.index(after: $0) } ?? bytes.startIndex
    guard let dot = bytes[start...].firstIndex(of: UInt8(ascii: ".")) else { return (name[...], "") }
    return (name[..<dot], name[bytes.index(after: dot)...].lowercased())
  }

  /// Takes in a text that lies beside images; what it says of the caption and the class goes before what an object says.
  private mutating func read(
    _ kind: String, of member: TarReader.Member, in reader: TarReader, into row: inout ImageRow
  ) throws {
    guard member.range.count <= Self.mostBytes else { return noteBad("of more than 1 MiB", member) }
    let bytes = try reader.start(of: member, count: Self.mostBytes)
    if kind == "json" {
      guard let value = try? JSONValue(json: bytes, readsNaN: true), let object = ImageRow(value, columns) else {
        return noteBad("without a JSON object", member)
      }
      if row.caption.isEmpty { row.caption = object.caption }
      row.content.credit = object.content.credit
      row.content.licence = object.content.licence
      row.content.scene.merge(object.content.scene) { own, _ in own }
      return
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { return noteBad("not in UTF-8", member) }
    let content = stripped(text[...])
    guard !content.isEmpty else { return }
    if kind == "txt" { row.caption = content } else { row.content.scene[ImageSet.classFact] = content }
  }

  private mutating func noteBad(_ reason: String, _ member: TarReader.Member) {
    badTexts[reason, default: (0, member.name)].count += 1
  }
}
