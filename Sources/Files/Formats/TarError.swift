import Diagnostics

/// What is wrong with a tar archive, in facts; `description` words each on one line.
package enum TarError: Error, Equatable, CustomStringConvertible {
  /// The archive is packed by a program, whose name and the command that unpacks it are given.
  case compressed(path: String, by: String, command: String)
  /// Bytes at a place where a header should be that are none.
  case noHeader(path: String, offset: Int)
  /// The header at a place says something that cannot be.
  case damaged(path: String, offset: Int, detail: String)
  /// The file ends within a member, or before one that is announced.
  case cutShort(path: String, member: String?, offset: Int, size: Int)
  /// The file ends between two members without the zeros that end an archive.
  case noEnd(path: String, size: Int)
  /// A member that is stored in a way that is not read.
  case unread(path: String, member: String, offset: Int, what: String)

  package var description: String {
    switch self {
    case .compressed(let path, let program, let command):
      "\(path): a file packed by \(program), expected a tar archive that is not packed, in which an image can be found "
        + "without reading all before it; unpack it: \(command)"
    case .noHeader(let path, let offset):
      "\(path): byte \(offset): found no header of a tar archive, expected one; the archive is damaged: fetch it again"
    case .damaged(let path, let offset, let detail):
      "\(path): the header at byte \(offset) has \(detail); the archive is damaged: fetch it again"
    case .cutShort(let path, let member, let offset, let size):
      "\(path): the file ends at byte \(size) within \(member.map { quoted($0) + ", which begins" } ?? "what begins") at byte "
        + "\(offset); the archive is cut short: fetch it again"
    case .noEnd(let path, let size):
      "\(path): the file ends at byte \(size) without the zeros that end a tar archive, so that members may be missing; fetch "
        + "it again, or where it is whole add them: head -c 1024 /dev/zero >> FILE"
    case .unread(let path, let member, let offset, let what):
      "\(path): \(quoted(member)) at byte \(offset) is \(what), expected a member that is stored whole; pack it again "
        + "without --sparse and --multi-volume"
    }
  }
}

/// What packed a file, by its first bytes, and how it is unpacked; nil where nothing known did.
package func compression(_ start: [UInt8]) -> (program: String, command: String)? {
  let programs: [(start: [UInt8], program: String, tool: String)] = [
    ([0x1F, 0x8B], "gzip", "zcat"), (Array("BZh".utf8), "bzip2", "bzcat"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz", "xzcat"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstdcat"),
  ]
  return programs.first { start.starts(with: $0.start) }.map { ($0.program, "\($0.tool) FILE > NAME.tar") }
}
