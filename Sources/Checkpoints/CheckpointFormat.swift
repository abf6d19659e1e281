import Files

/// The kind of file that a checkpoint is, by its first bytes; names say little, since all of `.bin`, `.pt`, `.pth` and
/// `.ckpt` are in use for several kinds.
enum CheckpointFormat {
  case safetensors
  case torchArchive
  case shardIndex

  init(_ file: FileMapping) throws(CheckpointError) {
    let bytes = file.bytes
    // First, since the length of a safetensors header may begin like anything.
    if let length = bytes.number(UInt64.self, at: 0), length <= UInt64(UInt32.max),
      bytes.number(UInt8.self, at: 8) == UInt8(ascii: "{")
    {
      self = .safetensors
    } else if bytes.starts(with: "PK\u{3}\u{4}".utf8) {
      self = .torchArchive
    } else if bytes.prefix(ShardIndex.maximumByteCount).first(where: { !" \t\r\n".utf8.contains($0) })
      == UInt8(ascii: "{")
    {
      self = .shardIndex
    } else if let error = Self.unreadForm(file) {
      throw error
    } else if file.path.hasSuffix(".safetensors") {
      // Nothing that is known: what its name promises can say best what is wrong with it.
      self = .safetensors
    } else {
      let start = bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
      throw .unknownFormat(path: file.path, begins: bytes.isEmpty ? "nothing" : "bytes \(start)")
    }
  }

  /// The error for a file of a known kind that is not read; nil for any other.
  private static func unreadForm(_ file: FileMapping) -> CheckpointError? {
    let bytes = file.bytes
    // torch.save before 1.6: a pickle of a magic number of ten bytes, then more pickles, then numbers.
    let magic: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    if bytes.first == 0x80, bytes.dropFirst(2).starts(with: magic) {
      return .unreadForm(
        path: file.path, form: "the format of torch.save before PyTorch 1.6",
        conversion: "torch.save(torch.load(old, weights_only=True), new)")
    }
    if bytes.dropFirst(257).starts(with: "ustar".utf8) {
      return .unreadForm(
        path: file.path, form: "a tar archive, as torch.save wrote before PyTorch 0.2",
        conversion: "torch.save(torch.load(old, weights_only=False), new), if you trust where it comes from")
    }
    if bytes.first == 0x80 {
      return .unreadForm(
        path: file.path, form: "a bare pickle",
        conversion: "load it where it was made, if you trust that, and torch.save a dictionary of its tensors")
    }
    if bytes.starts(with: "version https://git-lfs".utf8) {
      return .unknownFormat(path: file.path, begins: "a pointer of Git LFS in place of the file (git lfs pull)")
    }
    return nil
  }
}
