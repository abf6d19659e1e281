import CImages
import CPNG
import Foundation

/// The bitmap as a JPEG file: 4:2:0, optimised tables; the same bitmap and quality give the same bytes.
/// - Parameter quality: 1 to 100.
/// - Throws: `ImageError` where a side is 0 or more than JPEG's 65500.
package func encodeJPEG(_ bitmap: Bitmap, quality: Int) throws -> [UInt8] {
  var result: UnsafeMutablePointer<UInt8>?
  var count = 0
  let detail = failureMessage { message in
    jpeg_write(bitmap.rgb, UInt32(bitmap.width), UInt32(bitmap.height), Int32(quality), &result, &count, message)
  }
  defer { free(result) }
  guard detail == nil, let result else {
    throw ImageError.notEncoded(
      format: "JPEG", width: bitmap.width, height: bitmap.height, detail: detail ?? "no data")
  }
  return Array(UnsafeBufferPointer(start: result, count: count))
}

/// The bitmap as a PNG file; the same bitmap gives the same bytes.
///
/// libpng's simplified functions are called from Swift because they return an error, where the others would longjmp.
/// - Throws: `ImageError` where a side is 0.
package func encodePNG(_ bitmap: Bitmap) throws -> [UInt8] {
  var image = png_image()
  image.version = png_uint_32(PNG_IMAGE_VERSION)
  image.width = png_uint_32(bitmap.width)
  image.height = png_uint_32(bitmap.height)
  image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
  defer { png_image_free(&image) }
  func failed() -> ImageError {
    let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return .notEncoded(format: "PNG", width: bitmap.width, height: bitmap.height, detail: message)
  }
  // More than any image's PNG takes: the raw rows, one byte a row, and what deflate adds to what it cannot shrink.
  let raw = bitmap.height * (bitmap.width * 3 + 1)
  var count = raw + raw / 1000 + 4096
  var isWritten = false
  let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    isWritten = png_image_write_to_memory(&image, buffer.baseAddress, &count, 0, bitmap.rgb, 0, nil) != 0
    initialized = isWritten ? count : 0
  }
  guard isWritten else { throw failed() }
  return bytes
}
