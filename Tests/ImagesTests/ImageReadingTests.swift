import Files
import Foundation
import Images
import TestSupport
import Testing

/// Where a JPEG's baseline frame header starts.
func startOfFrame(_ bytes: [UInt8]) -> Int? {
  bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }
}

@Suite struct `Images` {
  @Test(arguments: goldens("samples")) func `decode to PIL's samples`(name: String) throws {
    let expected = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/samples/\(name)")))
    let image = try golden(String(name.dropLast(4)))
    let difference = WorstDifference(image.samples.map(Float.init), expected.map(Float.init))
    #expect(difference.value == 0, "\(difference)")
  }

  @Test(arguments: [
    ("one-pixel.png", Image.Mode.color, 1, 1), ("tall-grey.png", .grey, 7, 300),
    ("grey-alpha.png", .greyAlpha, 50, 41),
    ("alpha.png", .colorAlpha, 61, 40), ("two-tone.png", .twoTone, 70, 51), ("palette.png", .palette, 75, 52),
    ("grey-2-bit.png", .grey, 37, 29), ("grey-16-bit.png", .grey16, 44, 36), ("color-16-bit.png", .color, 44, 36),
    ("cmyk.jpg", .cmyk, 52, 40), ("grey.jpg", .grey, 61, 45), ("portrait.jpg", .color, 333, 500),
    ("interlaced.png", .color, 53, 35), ("really-a-png.jpg", .color, 35, 30), ("long-20000x10.png", .color, 20000, 10),
    ("lossy.webp", .color, 57, 43), ("lossless.webp", .color, 31, 29), ("alpha.webp", .colorAlpha, 41, 40),
    ("animated.webp", .color, 34, 26), ("animated-alpha.webp", .colorAlpha, 24, 26),
    ("part-of-canvas.webp", .color, 20, 16),
  ])
  func `keep their mode and size`(name: String, mode: Image.Mode, width: Int, height: Int) throws {
    let image = try golden(name)
    #expect(image.mode == mode)
    #expect((image.width, image.height) == (width, height))
  }

  @Test(arguments: [
    "one-pixel.png", "palette-transparent.png", "interlaced.png", "grey-2-bit.png", "grey.jpg", "progressive.jpg",
    "restarts.jpg", "lossy.webp", "alpha.webp", "alpha-lossless.webp", "animated.webp",
  ])
  func `cut short are refused, wherever the cut in their pixels`(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/\(name)"))))
    let image = try decodeImage(whole, path: "whole")
    // A PNG's pixels end 21 bytes before its end: some bits that say so, 4 bytes of zlib's check and of a checksum, 12 of IEND.
    let end = name.hasSuffix("png") ? whole.count - 21 : whole.count
    for count in end..<whole.count {
      #expect(try decodeImage(Array(whole[..<count]), path: "cut") == image, "\(count)")
    }
    for count in 0..<end {
      #expect(throws: ImageError.self, "\(count) of \(whole.count) bytes") {
        try decodeImage(Array(whole[..<count]), path: "cut")
      }
    }
  }

  @Test(arguments: [
    "one-pixel.png", "palette-transparent.png", "grey-2-bit.png", "grey.jpg", "cmyk.jpg", "turned-6.jpg",
    "lossy-odd.webp", "lossless.webp", "part-of-canvas-alpha.webp", "turned-6.webp",
  ])
  func `with any byte changed do no harm`(name: String) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/\(name)"))))
    for index in bytes.indices {
      let byte = bytes[index]
      for change in [0xFF, 0x80, 0x01] as [UInt8] {
        bytes[index] = byte ^ change
        do {
          let image = try decodeImage(bytes, path: "changed")
          #expect(image.samples.count == image.width * image.height * image.mode.channels)
        } catch let error as ImageError {
          #expect(!error.description.contains("\n"))
        }
      }
      bytes[index] = byte
    }
  }

  @Test(
    arguments: [
      ([], "p: an empty file, expected a PNG, JPEG or WebP image; fetch it again"),
      (
        Array("GIF89a....".utf8),
        "p: found a GIF image, expected a PNG, JPEG or WebP image; convert it: mogrify -format png *.gif"
      ),
      (
        Array("\n <!DOCTYPE html><title>404".utf8),
        "p: found an HTML page, expected a PNG, JPEG or WebP image; fetch the image again"
      ),
      (
        Array("RIFF....WEBPVP8 ".utf8),
        "p: a damaged WebP: the file ends too early; expected a whole one: fetch or save it again"
      ),
      (
        [0, 1, 2, 255, 4],
        "p: found a file that starts with the bytes 00 01 02 ff, expected a PNG, JPEG or WebP image; fetch it again"
      ),
      (
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
        "p: a damaged PNG: the file ends too early; expected a whole one: fetch or save it again"
      ),
      (
        [0xFF, 0xD8, 0xFF, 0xE0],
        "p: a damaged JPEG: Premature end of JPEG file; expected a whole one: fetch or save it again"
      ),
    ] as [([UInt8], String)])
  func `that are none are refused in one line`(bytes: [UInt8], message: String) throws {
    let error = try #require(throws: ImageError.self) { try decodeImage(bytes, path: "p") }
    #expect("\(error)" == message)
  }

  @Test func `that are missing or folders are refused`() throws {
    let missing = try #require(throws: FileError.self) { try readImage(path: "/no/such.png") }
    #expect(
      "\(missing)" == "/no/such.png: cannot be read: no such file or directory; check the path and its permissions")
    try Fixtures.withTemporaryFolder { folder in
      let found = #expect(throws: FileError.self) { try readImage(path: folder) }
      #expect(found == .wrongKind(path: folder, found: .folder, expected: "a file"))
    }
  }

  @Test func `that claim absurd sizes are refused before memory is asked for`() throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/grey.jpg"))))
    let frame = try #require(startOfFrame(bytes))
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(throws: ImageError.tooLarge(path: "big", width: 65500, height: 65500, limit: 178_956_970)) {
      try decodeImage(bytes, path: "big")
    }
  }

  @Test func `of WebP that claim absurd sizes are refused before memory is asked for`() throws {
    // An extended file with an animation on a canvas of 60000×60000 pixels.
    var bytes = Array(
      try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/part-of-canvas.webp"))))
    bytes.replaceSubrange(24..<30, with: [0x5F, 0xEA, 0, 0x5F, 0xEA, 0])
    #expect(throws: ImageError.tooLarge(path: "big", width: 60000, height: 60000, limit: 178_956_970)) {
      try decodeImage(bytes, path: "big")
    }
  }

  @Test(arguments: ["turned-6.webp", "turned-6.jpg", "turned-6.png"])
  func `keep how they are turned upright`(name: String) throws {
    #expect(try golden(name).orientation == .quarterRight)
  }

  /// A chunk with no right checksum.
  private func chunk(_ name: String, count: Int = 9, _ content: String = "Title\0abc") -> [UInt8] {
    withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) } + Array(name.utf8) + Array(content.utf8) + [0, 0, 0, 0]
  }

  /// Changes a PNG of one IDAT chunk in anything but its header and its pixels.
  ///
  /// Pillow reads these, where the chunks that are put in have their checksums: `scripts/parity-png`.
  @Test(arguments: [
    "without IEND", "with zeros for IEND", "with a wrong checksum", "with no checksum", "with rubbish behind",
    "with half of zlib's check", "with no check at all", "with an unknown chunk that says it is needed",
    "with a chunk whose name has a digit", "with text before its header", "with pixels longer than the file",
    "with pixels longer than a chunk can be", "with pixels that reach into IEND", "with a window smaller than is used",
  ])
  func `whose pixels are whole are read`(change: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/wide.png"))))
    var bytes = whole
    let end = bytes.count - 16
    // The signature and IHDR are before it.
    let (signature, header) = (8, 33)
    let length = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("IDAT".utf8)) }) - 4
    switch change {
    case "with half of zlib's check": bytes.removeLast(18)
    case "with no check at all": bytes.removeLast(20)
    case "with an unknown chunk that says it is needed": bytes.insert(contentsOf: chunk("TEXt"), at: header)
    case "with a chunk whose name has a digit": bytes.insert(contentsOf: chunk("t3Xt"), at: header)
    case "with text before its header": bytes.insert(contentsOf: chunk("tEXt"), at: signature)
    case "with pixels longer than the file": bytes[length] = 0x40
    case "with pixels longer than a chunk can be": bytes[length] = 0xFF
    case "with pixels that reach into IEND": bytes[length + 3] += 7
    // 256 bytes, which CRC and zlib's two bytes of header say.
    case "with a window smaller than is used": bytes.replaceSubrange(length + 8..<length + 10, with: [0x08, 0x1D])
    case "without IEND": bytes.removeLast(12)
    case "with zeros for IEND": bytes.replaceSubrange(end + 4..<bytes.count, with: [UInt8](repeating: 0, count: 12))
    case "with a wrong checksum": bytes[end] ^= 0x55
    case "with no checksum": bytes.removeLast(16)
    default: bytes.replaceSubrange(end + 4..<bytes.count, with: Array("rubbish of any kind".utf8))
    }
    #expect(try decodeImage(bytes, path: "changed") == decodeImage(whole, path: "whole"))
  }

  @Test(arguments: [
    ("a chunk without a name", "the name of a chunk is none"), ("no pixels", "the file ends too early"),
    ("fewer rows", "pixels are missing"), ("IEND first", "the file ends too early"),
  ])
  func `that lack what makes them are refused`(change: String, words: String) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/wide.png"))))
    let length = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("IDAT".utf8)) }) - 4
    switch change {
    case "a chunk without a name": bytes.insert(contentsOf: chunk("tE\0t"), at: length)
    case "no pixels": bytes.removeSubrange(length..<bytes.count - 12)
    case "IEND first":
      bytes.insert(contentsOf: [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82], at: length)
    // A stored block of no bytes that is the last, and its check.
    default:
      bytes.replaceSubrange(
        length..<bytes.count - 12,
        with: chunk("IDAT", count: 11, "\u{78}\u{1}\u{1}\0\0").dropLast(4) + [0xFF, 0xFF, 0, 0, 0, 1] + [0, 0, 0, 0])
    }
    let error = #expect(throws: ImageError.self) { try decodeImage(bytes, path: "p") }
    let message = "\(try #require(error))"
    #expect(message.contains(words), "\(message)")
  }

  /// zlib finds a wrong check with the last row, or behind it where the check stands in a chunk of its own.
  @Test(arguments: [false, true])
  func `whose pixels differ from their check are refused, whatever their checksums`(isApart: Bool) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/wide.png"))))
    // The last byte of zlib's check.
    bytes[bytes.count - 17] ^= 1
    if isApart {
      let name = Array("IDAT".utf8)
      let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
      let count = bytes.count - 16 - 4 - (start + 4)
      bytes.replaceSubrange(start - 4..<start, with: [0, 0, UInt8(count >> 8), UInt8(count & 255)])
      // A checksum that nobody looks at, and the start of the next chunk.
      bytes.insert(contentsOf: [0, 0, 0, 0, 0, 0, 0, 4] + name, at: bytes.count - 20)
    }
    let error = #expect(throws: ImageError.self) { try decodeImage(bytes, path: "p") }
    let message = "\(try #require(error))"
    #expect(message.contains("the pixels differ from their check"))
  }

  @Test(
    arguments: [
      (.gif, "GIF89a"), (.bmp, "BM6"), (.ppm, "P6 1 1 255"), (.ppm, "P3\n# made by hand"), (.svg, "<svg>"),
      (.svg, "<?xml version='1.0'?>\n<svg"), (.html, "<!doctype HTML>"), (.html, "\u{FEFF}  <html lang=en>"),
      (.xml, "<?xml version='1.0'?><feed>"), (.json, "{\"error\": 404}"), (.pdf, "%PDF-1.7"),
      (.avif, "\0\0\0 ftypavif"), (.heic, "\0\0\0 ftypheic"), (.media, "\0\0\0 ftypisom"),
      (.jpeg2000, "\0\0\0\u{C}jP  "), (.jpegXL, "\0\0\0\u{C}JXL "), (.ico, "\0\0\u{1}\0"), (.tiff, "II*\0"),
    ] as [(OtherFormat, String)])
  func `of other formats are called by name`(format: OtherFormat, start: String) {
    #expect(FileContent(Array(start.utf8)) == .other(format))
  }

  @Test func `keep the colour that stands for transparent`() throws {
    #expect(try golden("grey-key.png").transparentColor == [127])
    #expect(try golden("color-key.png").transparentColor == [10, 20, 30])
    #expect(try golden("square-64.png").transparentColor == nil)
  }
}
