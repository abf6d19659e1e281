/// What a file is by its first bytes, whatever its name.
package enum FileContent: Equatable, Sendable {
  case png, jpeg, webp
  /// No bytes.
  case nothing
  /// A format that is known and not read.
  case other(OtherFormat)
  case unknown

  /// How many of a file's first bytes decide.
  package static let sample = 512

  /// - Parameter bytes: the file, or at least the first `sample` of them.
  package init(_ bytes: [UInt8]) {
    let start = bytes.prefix(Self.sample)
    if start.isEmpty {
      self = .nothing
    } else if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if start.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if start.starts(with: "RIFF".utf8), start.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webp
    } else {
      self = OtherFormat(start: start).map { .other($0) } ?? .unknown
    }
  }
}

/// A format that is known and not read.
package enum OtherFormat: CaseIterable, Sendable {
  case gif, bmp, tiff, ico, ppm, jpeg2000, jpegXL, avif, heic, svg, html, xml, json, pdf, lfsPointer, media

  /// As one file of it is called.
  package var name: String {
    switch self {
    case .gif: "a GIF image"
    case .bmp: "a BMP image"
    case .tiff: "a TIFF image"
    case .ico: "an ICO image"
    case .ppm: "a PPM image"
    case .jpeg2000: "a JPEG 2000 image"
    case .jpegXL: "a JPEG XL image"
    case .avif: "an AVIF image"
    case .heic: "a HEIC image"
    case .svg: "an SVG image"
    case .html: "an HTML page"
    case .xml: "an XML file"
    case .json: "a JSON file"
    case .pdf: "a PDF file"
    case .lfsPointer: "a Git LFS pointer"
    case .media: "a video or sound file"
    }
  }

  /// The same without its article: several take an s.
  package var noun: String { String(name.drop { $0 != " " }.dropFirst()) }

  /// A command that makes a PNG of it; nil where it holds no image.
  package var conversion: String? {
    switch self {
    case .gif: "mogrify -format png *.gif"
    case .bmp: "mogrify -format png *.bmp"
    case .tiff: "mogrify -format png *.tif*"
    case .ico: "mogrify -format png *.ico"
    case .ppm: "mogrify -format png *.ppm"
    case .jpeg2000: "opj_decompress -i X.jp2 -o X.png"
    case .jpegXL: "djxl X.jxl X.png"
    case .avif: "avifdec X.avif X.png"
    case .heic: "heif-convert X.heic X.png"
    case .svg: "rsvg-convert -o X.png X.svg"
    case .html, .xml, .json, .pdf, .lfsPointer, .media: nil
    }
  }

  /// What to do with one file of it.
  var advice: String {
    if let conversion { return "convert it: \(conversion)" }
    return self == .lfsPointer ? "fetch it: git lfs pull" : "fetch the image again"
  }

  /// - Parameter start: the first bytes of a file, of which there are some.
  init?(start: ArraySlice<UInt8>) {
    let signatures: [(OtherFormat, [UInt8])] = [
      (.gif, Array("GIF8".utf8)), (.bmp, Array("BM".utf8)), (.tiff, [0x49, 0x49, 0x2A, 0]),
      (.tiff, [0x4D, 0x4D, 0, 0x2A]), (.ico, [0, 0, 1, 0]), (.jpeg2000, [0xFF, 0x4F, 0xFF, 0x51]),
      (.jpeg2000, [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]), (.jpegXL, [0xFF, 0x0A]),
      (.jpegXL, [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]), (.pdf, Array("%PDF".utf8)),
      (.lfsPointer, Array("version https://git-lfs".utf8)),
    ]
    if let known = signatures.first(where: { start.starts(with: $0.1) }) {
      self = known.0
    } else if start.dropFirst(4).starts(with: "ftyp".utf8) {
      self = OtherFormat(brand: String(decoding: start.dropFirst(8).prefix(4), as: UTF8.self))
    } else if let letter = start.dropFirst().first, start.first == UInt8(ascii: "P"),
      (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(letter), let space = start.dropFirst(2).first, isSpace(space)
    {
      self = .ppm
    } else {
      self.init(text: start)
    }
  }

  /// - Parameter brand: what an ISO media file calls itself.
  private init(brand: String) {
    switch brand {
    case "avif", "avis": self = .avif
    case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": self = .heic
    default: self = .media
    }
  }

  private init?(text start: ArraySlice<UInt8>) {
    let isMarked = start.starts(with: [0xEF, 0xBB, 0xBF])
    let text = String(decoding: (isMarked ? start.dropFirst(3) : start).drop(while: isSpace), as: UTF8.self)
      .lowercased()
    switch text.first {
    case "{", "[": self = .json
    case "<":
      let isPage = text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.contains("<html")
      self = isPage ? .html : text.contains("<svg") ? .svg : .xml
    default: return nil
    }
  }
}

private func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
