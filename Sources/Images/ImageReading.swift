import CImages
import Files

/// Reads a PNG, JPEG or WebP image, of an animation the first frame.
///
/// The first bytes decide which it is, not the name.
/// Pixels equal PIL's. As with PIL, a JPEG with damage inside is read as well as libjpeg can, but one that ends early
/// is refused, and so are a PNG with any damage to its pixels and a WebP that ends early. A PNG whose pixels are whole is read
/// whatever else is in it, and whatever the checksums of their chunks say.
///
/// - Throws: `ImageError`, `FileError`.
package func readImage(at place: FilePlace) throws -> Image {
  try decodeImage(try readFile(at: place), path: "\(place)")
}

/// The same of a file.
package func readImage(path: String) throws -> Image { try readImage(at: FilePlace(path)) }

/// Decodes the bytes of a PNG, JPEG or WebP file; `path` is for messages.
///
/// - Throws: `ImageError`.
package func decodeImage(_ bytes: [UInt8], path: String) throws -> Image {
  switch FileContent(bytes) {
  case .png: return try decodePNG(bytes, path: path)
  case .jpeg: return try decodeJPEG(bytes, path: path)
  case .webp: return try decodeWebP(bytes, path: path)
  case .nothing: throw ImageError.empty(path: path)
  case .other(let format): throw ImageError.unread(path: path, format)
  case .unknown:
    let start = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    throw ImageError.unknownFormat(path: path, start: start.joined(separator: " "))
  }
}

private func decodeJPEG(_ bytes: [UInt8], path: String) throws -> Image {
  var header = jpeg_header()
  try reading("JPEG", path) { jpeg_read_header_of(bytes, bytes.count, &header, $0) }
  let (width, height) = (Int(header.width), Int(header.height))
  let mode: Image.Mode = header.components == 1 ? .grey : header.components == 3 ? .color : .cmyk
  let count = try byteCount(width, height, mode.channels, path)
  let samples = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    try reading("JPEG", path) { jpeg_read_pixels(bytes, bytes.count, buffer.baseAddress, count, $0) }
    initialized = count
  }
  return Image(
    width: width, height: height, mode: mode, samples: samples,
    orientation: exifOfJPEG(bytes).map(Orientation.init(exif:)) ?? .upright)
}

private func decodeWebP(_ bytes: [UInt8], path: String) throws -> Image {
  var header = webp_header()
  try reading("WebP", path) { webp_read_header_of(bytes, bytes.count, &header, $0) }
  let (width, height) = (Int(header.width), Int(header.height))
  let mode: Image.Mode = header.has_alpha != 0 ? .colorAlpha : .color
  let count = try byteCount(width, height, mode.channels, path)
  let samples = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    try reading("WebP", path) { webp_read_pixels(bytes, bytes.count, buffer.baseAddress, count, $0) }
    initialized = count
  }
  var exif = bytes.dropFirst(header.exif_start).prefix(header.exif_count)
  // Some programs write it as it stands in a JPEG.
  if exif.starts(with: Array("Exif\0\0".utf8)) { exif = exif.dropFirst(6) }
  return Image(width: width, height: height, mode: mode, samples: samples, orientation: Orientation(exif: exif))
}

private func decodePNG(_ bytes: [UInt8], path: String) throws -> Image {
  var header = png_header()
  try reading("PNG", path) { png_read_header_of(bytes, bytes.count, &header, $0) }
  let (width, height) = (Int(header.width), Int(header.height))
  let mode = mode(of: header)
  let count = try byteCount(width, height, mode.channels, path)
  let samples = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    try reading("PNG", path) { png_read_pixels(bytes, bytes.count, buffer.baseAddress, count, $0) }
    initialized = count
  }
  return Image(
    width: width, height: height, mode: mode, samples: samples,
    palette: mode == .palette ? withUnsafeBytes(of: header.palette) { Array($0) } : [],
    transparentColor: transparentColor(of: header),
    orientation: exifOfPNG(bytes).map(Orientation.init(exif:)) ?? .upright)
}

private func mode(of header: png_header) -> Image.Mode {
  switch header.color_type {
  case 0: header.bit_depth == 1 ? .twoTone : header.bit_depth == 16 ? .grey16 : .grey
  case 2: .color
  case 3: .palette
  case 4: .greyAlpha
  default: .colorAlpha
  }
}

/// The colour that the file declares transparent; nil where it has 16 bits, since pixels keep only the upper 8.
private func transparentColor(of header: png_header) -> [UInt8]? {
  guard header.has_transparent_color != 0, header.bit_depth <= 8 else { return nil }
  let stretch = 255 / ((1 << Int(header.bit_depth)) - 1)
  let (red, green, blue) = header.transparent_color
  return [red, green, blue].prefix(Int(header.channels)).map { UInt8(truncatingIfNeeded: Int($0) * stretch) }
}

private func byteCount(_ width: Int, _ height: Int, _ channels: Int, _ path: String) throws -> Int {
  // Sides are below 2^31, so that the product fits.
  guard width > 0, height > 0, width * height <= Image.maximumPixelCount else {
    throw ImageError.tooLarge(path: path, width: width, height: height, limit: Image.maximumPixelCount)
  }
  return width * height * channels
}

/// Calls a function of CImages and throws its message where it fails.
private func reading(_ format: String, _ path: String, _ call: (UnsafeMutablePointer<CChar>) -> Int32) throws {
  if let detail = failureMessage(call) { throw ImageError.damaged(path: path, format: format, detail: detail) }
}

/// The message of a failed function of CImages, on one line; nil where it succeeded.
func failureMessage(_ call: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IMAGE_MESSAGE_SIZE)) { message in
    guard let start = message.baseAddress, call(start) != 0 else { return nil }
    return String(cString: start).split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
