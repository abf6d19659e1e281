/// A fault of an image, as facts; `description` words it on one line.
package enum ImageError: Error, Equatable, CustomStringConvertible {
  case empty(path: String)
  /// Neither PNG nor JPEG; `found` names the format where it is a known one.
  case unknownFormat(path: String, found: String)
  /// `detail` is libpng's or libjpeg's own message.
  case damaged(path: String, format: String, detail: String)
  case tooLarge(path: String, width: Int, height: Int, limit: Int)
  case notEncoded(format: String, width: Int, height: Int, detail: String)

  package var description: String {
    switch self {
    case .empty(let path):
      "\(path): an empty file, expected a PNG or JPEG image; fetch it again"
    case .unknownFormat(let path, let found):
      "\(path): found \(found), expected a PNG or JPEG image; convert it"
    case .damaged(let path, let format, let detail):
      "\(path): a damaged \(format): \(detail); expected a whole one: fetch or save it again"
    case .tooLarge(let path, let width, let height, let limit):
      "\(path): \(width)×\(height) pixels, expected at most \(limit) in all; scale the image down"
    case .notEncoded(let format, let width, let height, let detail):
      "cannot write a \(width)×\(height) image as \(format): \(detail); use an image of 1 to 65500 pixels a side"
    }
  }
}
