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
  ])
  func `keep their mode and size`(name: String, mode: Image.Mode, width: Int, height: Int) throws {
    let image = try golden(name)
    #expect(image.mode == mode)
    #expect((image.width, image.height) == (width, height))
  }

  @Test(arguments: [
    "one-pixel.png", "palette-transparent.png", "interlaced.png", "grey-2-bit.png", "grey.jpg", "progressive.jpg",
    "restarts.jpg",
  ])
  func `cut short are refused, wherever the cut`(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/originals/\(name)"))))
    _ = try decodeImage(whole, path: "whole")
    for count in whole.indices {
      #expect(throws: ImageError.self, "\(count) of \(whole.count) bytes") {
        try decodeImage(Array(whole[..<count]), path: "cut")
      }
    }
  }

  @Test(arguments: [
    "one-pixel.png", "palette-transparent.png", "grey-2-bit.png", "grey.jpg", "cmyk.jpg", "turned-6.jpg",
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
      ([], "p: an empty file, expected a PNG or JPEG image; fetch it again"),
      (Array("GIF89a....".utf8), "p: found a GIF image, expected a PNG or JPEG image; convert it"),
      (Array("RIFF....WEBPVP8 ".utf8), "p: found a WebP image, expected a PNG or JPEG image; convert it"),
      (
        [0, 1, 2, 255, 4],
        "p: found a file that starts with the bytes 00 01 02 ff, expected a PNG or JPEG image; convert it"
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

  @Test func `keep the colour that stands for transparent`() throws {
    #expect(try golden("grey-key.png").transparentColor == [127])
    #expect(try golden("color-key.png").transparentColor == [10, 20, 30])
    #expect(try golden("square-64.png").transparentColor == nil)
  }
}
