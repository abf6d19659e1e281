import CZlib

/// Why bytes are not one whole gzip member.
enum GzipFailure: Error, Equatable {
  case damaged(String)
  case tooLarge
}

/// The contents of a gzip file with one member, its checksum proven.
///
/// - Parameter limit: how many bytes may come out; a small file can hold a thousand times its size.
func gunzip(_ bytes: [UInt8], limit: Int) throws(GzipFailure) -> [UInt8] {
  guard let count = UInt32(exactly: bytes.count) else { throw .tooLarge }
  var stream = z_stream()
  // 15 bits of window, and 16 for a gzip header in place of zlib's own.
  let size = Int32(MemoryLayout<z_stream>.size)
  guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else { throw .damaged("zlib does not start") }
  defer { inflateEnd(&stream) }
  var input = bytes
  var result: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  var status = Z_OK
  let failure: GzipFailure? = input.withUnsafeMutableBufferPointer { source in
    stream.next_in = source.baseAddress
    stream.avail_in = count
    while status == Z_OK {
      let produced = block.withUnsafeMutableBufferPointer { target in
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        status = inflate(&stream, Z_NO_FLUSH)
        return target.count - Int(stream.avail_out)
      }
      guard result.count + produced <= limit else { return .tooLarge }
      result.append(contentsOf: block[..<produced])
    }
    switch status {
    case Z_STREAM_END: return stream.avail_in == 0 ? nil : .damaged("\(stream.avail_in) bytes after its end")
    case Z_BUF_ERROR: return .damaged("it ends early")
    default: return .damaged(stream.msg.map { String(cString: $0) } ?? "zlib error \(status)")
    }
  }
  if let failure { throw failure }
  return result
}
