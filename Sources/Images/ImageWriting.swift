import CImages
import Foundation

/// Encodes the bitmap as a JPEG file (4:2:0, optimised tables); the same bitmap and quality give the same bytes.
///
/// - Parameters:
///   - bitmap: at most 65500 pixels a side.
///   - quality: 1 to 100.
/// - Throws: `ImageError.notEncoded` where a side is 0 or too long.
package func encodeJPEG(_ bitmap: Bitmap, quality: Int) throws -> [UInt8] {
  try encoded(bitmap, "JPEG") { jpeg_write(bitmap.rgb, $0, $1, Int32(quality), $2, $3, $4) }
}

/// Encodes the bitmap as a PNG file; the same bitmap gives the same bytes.
///
/// - Throws: `ImageError.notEncoded` where a side is 0.
package func encodePNG(_ bitmap: Bitmap) throws -> [UInt8] {
  try encoded(bitmap, "PNG") { png_write(bitmap.rgb, $0, $1, $2, $3, $4) }
}

/// Calls a writing function of CImages with the bitmap's width and height and takes over the bytes that it allocates.
private func encoded(
  _ bitmap: Bitmap, _ format: String,
  _ write: (
    UInt32, UInt32, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>,
    UnsafeMutablePointer<CChar>
  ) -> Int32
) throws -> [UInt8] {
  var result: UnsafeMutablePointer<UInt8>?
  var count = 0
  let detail = failureMessage { write(UInt32(bitmap.width), UInt32(bitmap.height), &result, &count, $0) }
  defer { free(result) }
  guard detail == nil, let result else {
    throw ImageError.notEncoded(format: format, width: bitmap.width, height: bitmap.height, detail: detail ?? "no data")
  }
  return Array(UnsafeBufferPointer(start: result, count: count))
}
