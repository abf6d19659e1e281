import Files

/// Calls `body` with every line of a file that is not empty: its number and, where it is JSON, its value.
///
/// Only one line is in memory at a time.
///
/// - Parameter body: returns whether it wants more.
/// - Throws: `FileError`.
func forEachJSONLine(of file: String, _ body: (Int, ConfigurationValue?) -> Bool) throws(FileError) {
  try forEachJSONValue(of: file) { number, value in body(number, value.map { ConfigurationValue($0, line: number) }) }
}

/// The same with values as JSON has them.
func forEachJSONValue(of file: String, _ body: (Int, JSONValue?) -> Bool) throws(FileError) {
  let mapping = try FileMapping(path: file)
  let bytes = mapping.bytes
  let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  var (start, number, released) = (bytes.starts(with: mark) ? mark.count : 0, 0, 0)
  while start < bytes.count {
    let end = bytes[start...].firstIndex(where: isLineEnd) ?? bytes.count
    let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    start = end + 1
    if start < bytes.count, bytes[end] == UInt8(ascii: "\r"), bytes[start] == UInt8(ascii: "\n") { start += 1 }
    number += 1
    guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { continue }
    let value = try? JSONValue(json: line)
    if value == nil, String(validating: line, as: UTF8.self) == nil { throw .notText(path: file, line: number) }
    guard body(number, value) else { return }
    if end - released > 1 << 22 {
      mapping.release(released..<end)
      released = end
    }
  }
}
