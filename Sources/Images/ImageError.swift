/// A fault of an image, as facts; `description` words it on one line.
package enum ImageError: Error, Equatable, CustomStringConvertible {
  case empty(path: String)
  /// A format that is known and not read.
  case unread(path: String, OtherFormat)
  /// Bytes that no known format begins with; `start` has the first of them in hexadecimal.
  case unknownFormat(path: String, start: String)
  /// `detail` is the library's own message.
  case damaged(path: String, format: String, detail: String)
  case tooLarge(path: String, width: Int, height: Int, limit: Int)
  /// A mask of other proportions than the image that it is on.
  case misshapenMask(path: String, width: Int, height: Int, image: String, imageWidth: Int, imageHeight: Int)
  case notEncoded(format: String, width: Int, height: Int, detail: String)

  package var description: String {
    switch self {
    case .empty(let path):
      "\(path): an empty file, expected a PNG, JPEG or WebP image; fetch it again"
    case .unread(let path, let format):
      "\(path): found \(format.name), expected a PNG, JPEG or WebP image; \(format.advice)"
    case .unknownFormat(let path, let start):
      "\(path): found a file that starts with the bytes \(start), expected a PNG, JPEG or WebP image; fetch it again"
    case .damaged(let path, let format, let detail):
      "\(path): a damaged \(format): \(detail); expected a whole one: fetch or save it again"
    case .tooLarge(let path, let width, let height, let limit):
      "\(path): \(width)×\(height) pixels, expected at most \(limit) in all; scale the image down"
    case .misshapenMask(let path, let width, let height, let image, let imageWidth, let imageHeight):
      "\(path): a mask of \(width)×\(height) pixels on an image of \(imageWidth)×\(imageHeight), \(image), expected the "
        + "same proportions; draw it on the whole image as it is stored"
    case .notEncoded(let format, let width, let height, let detail):
      "cannot write a \(width)×\(height) image as \(format): \(detail); use an image of 1 to 65500 pixels a side"
    }
  }
}
