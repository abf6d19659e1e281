/// Finds the members of a tar archive one after the other by their headers alone.
///
/// ustar, pax, GNU's long names and archives from before all of these are read. Nothing is unpacked: a member's name is
/// never a path on this machine, and its bytes stay where they are.
package struct TarReader {
  package struct Member: Sendable {
    package enum Kind: Sendable { case file, folder, link, other }

    /// A `./` at its start is left out; as a shell takes it, `$'caf\xe9.jpg'`, where it is not UTF-8.
    package let name: String
    package let isNameText: Bool
    package let kind: Kind
    /// The place of its bytes in the archive.
    package let range: Range<Int>
  }

  private let file: OpenFile
  /// Where the next header is.
  private var offset = 0
  private var isAtEnd = false

  /// More bytes than this no name and no records in front of a member have.
  private static let mostExtended = 1 << 20

  /// - Throws: `FileError`.
  package init(_ path: String) throws(FileError) { file = try OpenFile(path) }

  /// How many of a file's first bytes tell whether it is an archive.
  package static let sample = TarHeader.size

  /// Whether a file with these first bytes is a tar archive.
  package static func recognises(_ start: [UInt8]) -> Bool {
    switch TarHeader.read(Array(start.prefix(sample))) {
    case .header, .zeros: true
    case .other: false
    }
  }

  package func place(of member: Member) -> FilePlace {
    FilePlace(member: member.name, of: file.path, range: member.range)
  }

  /// The first bytes of a member; fewer where there are no more.
  ///
  /// - Throws: `FileError`.
  package func start(of member: Member, count: Int) throws(FileError) -> [UInt8] {
    let end = min(member.range.upperBound, member.range.lowerBound + count)
    return try file.read(member.range.lowerBound..<end, of: "\(file.path):\(member.name)")
  }

  /// The next member; nil at the end.
  ///
  /// - Throws: `FileError`, `TarError`.
  package mutating func next() throws -> Member? {
    var (name, size): ([UInt8]?, Int?)
    while let (header, start) = try nextHeader(isAnnounced: name != nil || size != nil) {
      switch header.kind {
      case .paxHeader:
        let records = try readRecords(header, at: start)
        name = records.path ?? name
        size = records.size ?? size
      case .longName: name = Array(try content(header, at: start).prefix { $0 != 0 })
      case .passedOver: _ = try skip(header.size, of: nil, at: start)
      case .sparse, .continued:
        let what = header.kind == .sparse ? "a sparse file" : "a part of a file that another archive begins"
        throw TarError.unread(path: file.path, member: Self.shown(name ?? header.name).text, offset: start, what: what)
      case .file, .folder, .link, .other:
        let shown = Self.shown(name ?? header.name)
        let range = try skip(header.kind == .file ? size ?? header.size : header.size, of: shown.text, at: start)
        let kinds: [TarHeader.Kind: Member.Kind] = [.file: .file, .folder: .folder, .link: .link]
        return Member(name: shown.text, isNameText: shown.isText, kind: kinds[header.kind] ?? .other, range: range)
      }
    }
    return nil
  }

  /// The next header and where it is; nil at the end.
  ///
  /// - Parameter isAnnounced: whether something was said of a member that follows.
  private mutating func nextHeader(isAnnounced: Bool) throws -> (TarHeader, Int)? {
    guard !isAtEnd else { return nil }
    let start = offset
    guard start + TarHeader.size <= file.size else {
      if start < file.size || isAnnounced {
        throw TarError.cutShort(path: file.path, member: nil, offset: start, size: file.size)
      }
      throw TarError.noEnd(path: file.path, size: file.size)
    }
    switch TarHeader.read(try file.read(start..<start + TarHeader.size, of: file.path)) {
    case .header(let header):
      offset += TarHeader.size
      return (header, start)
    case .zeros:
      guard !isAnnounced else {
        throw TarError.damaged(path: file.path, offset: start, detail: "no member that was announced")
      }
      isAtEnd = true
      return nil
    case .other: throw TarError.noHeader(path: file.path, offset: start)
    }
  }

  /// The place of the bytes that follow a header at `start`; the next header is looked for behind them.
  private mutating func skip(_ size: Int, of member: String?, at start: Int) throws -> Range<Int> {
    let first = offset
    guard size <= file.size - first else {
      throw TarError.cutShort(path: file.path, member: member, offset: start, size: file.size)
    }
    // What would fill the last block may be missing where the file ends.
    offset = first + (size + TarHeader.size - 1) / TarHeader.size * TarHeader.size
    return first..<first + size
  }

  private mutating func content(_ header: TarHeader, at start: Int) throws -> [UInt8] {
    guard header.size <= Self.mostExtended else {
      throw TarError.damaged(path: file.path, offset: start, detail: "a name or records of \(header.size) bytes")
    }
    return try file.read(try skip(header.size, of: nil, at: start), of: file.path)
  }

  /// What pax's records, `LENGTH KEY=VALUE` and a new line each, say of the next member.
  private mutating func readRecords(_ header: TarHeader, at start: Int) throws -> (path: [UInt8]?, size: Int?) {
    let damage = TarError.damaged(path: file.path, offset: start, detail: "records that are not pax's")
    var rest = try content(header, at: start)[...]
    var (path, size): ([UInt8]?, Int?)
    while let first = rest.first, first != 0 {
      let digits = rest.prefix { $0 != UInt8(ascii: " ") }
      guard let length = Int(String(decoding: digits.prefix(12), as: UTF8.self)), length > digits.count + 1,
        length <= rest.count, rest[rest.startIndex + length - 1] == UInt8(ascii: "\n")
      else { throw damage }
      let record = rest.prefix(length - 1).dropFirst(digits.count + 1)
      rest = rest.dropFirst(length)
      guard let sign = record.firstIndex(of: UInt8(ascii: "=")) else { throw damage }
      let value = Array(record[(sign + 1)...])
      switch String(decoding: record[..<sign], as: UTF8.self) {
      case "path": path = value
      case "size":
        guard let number = Int(String(decoding: value.prefix(20), as: UTF8.self)), number >= 0 else { throw damage }
        size = number
      case let key where key.hasPrefix("GNU.sparse."):
        let name = Self.shown(path ?? Array("a member".utf8)).text
        throw TarError.unread(path: file.path, member: name, offset: start, what: "a sparse file")
      default: break
      }
    }
    return (path, size)
  }

  private static func shown(_ name: [UInt8]) -> (text: String, isText: Bool) {
    let own = name.starts(with: "./".utf8) ? name[2...] : name[...]
    return String(validating: own, as: UTF8.self).map { ($0, true) } ?? (shellWord(own), false)
  }
}
