import CZlib

/// Why bytes are not one whole gzip member.
package enum GzipFailure: Error, Equatable {
  case damaged(String)
  case tooLarge
}

/// The contents of a gzip file with one member, its checksum proven.
///
/// - Parameter limit: how many bytes may come out; a small file can hold a thousand times its size.
package func gunzip(_ bytes: [UInt8], limit: Int) throws(GzipFailure) -> [UInt8] {
  // 15 bits of window, and 16 for a gzip header in place of zlib's own.
  guard let stream = InflateStream(windowBits: 15 + 16) else { throw .damaged("zlib does not start") }
  guard bytes.count <= Int(UInt32.max) else { throw .tooLarge }
  var result: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  let failure: GzipFailure? = bytes.withUnsafeBytes { source in
    stream.read(from: source)
    while stream.status == Z_OK {
      let produced = block.withUnsafeMutableBytes { stream.inflate(into: $0, flush: Z_NO_FLUSH) }
      guard result.count + produced <= limit else { return .tooLarge }
      result.append(contentsOf: block[..<produced])
    }
    switch stream.status {
    case Z_STREAM_END: return stream.unread == 0 ? nil : .damaged("\(stream.unread) bytes after its end")
    case Z_BUF_ERROR: return .damaged("it ends early")
    default: return .damaged(stream.message)
    }
  }
  if let failure { throw failure }
  return result
}

/// Inflates a stream without a header to exactly `count` bytes, which the caller deallocates; nil where it is damaged,
/// shorter or longer.
package func inflated(_ source: UnsafeRawBufferPointer, count: Int) -> UnsafeMutableRawBufferPointer? {
  // Negative for a stream without a header of its own.
  guard source.count <= Int(UInt32.max), count <= Int(UInt32.max), let stream = InflateStream(windowBits: -15) else {
    return nil
  }
  let target = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 8)
  let whole = UnsafeMutableRawBufferPointer(rebasing: target[..<count])
  stream.read(from: source)
  guard stream.inflate(into: whole, flush: Z_FINISH) == count, stream.status == Z_STREAM_END, stream.unread == 0 else {
    target.deallocate()
    return nil
  }
  return whole
}

/// zlib's state while it inflates.
///
/// A class, since zlib's own state points back to the stream, which must not move.
private final class InflateStream {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private(set) var status = Z_OK

  /// Nil where zlib has no memory.
  init?(windowBits: Int32) {
    stream.initialize(to: z_stream())
    guard inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  var unread: Int { Int(stream.pointee.avail_in) }

  var message: String { stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)" }

  /// - Parameter source: must stay where it is while it is inflated; at most 4 GiB.
  func read(from source: UnsafeRawBufferPointer) {
    // zlib never writes where it reads.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(source.count)
  }

  /// How many bytes of `target` were written.
  func inflate(into target: UnsafeMutableRawBufferPointer, flush: Int32) -> Int {
    stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(target.count)
    status = CZlib.inflate(stream, flush)
    return target.count - Int(stream.pointee.avail_out)
  }
}
