import Foundation
import Images
import TestSupport
import Testing

/// Where a JPEG's baseline frame header starts.
func startOfFrame(_ bytes: [UInt8]) -> Int? {
  bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }
}

@Suite struct `Pictures` {
  @Test(arguments: goldens("samples")) func `decode to PIL's samples`(name: String) throws {
    let expected = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/samples/\(name)")))
    let picture = try golden(String(name.dropLast(4)))
    let difference = WorstDifference(picture.samples.map(Float.init), expected.map(Float.init))
    #expect(difference.value == 0, "\(difference)")
  }

  @Test(arguments: [
    ("one-pixel.png", Picture.Mode.color, 1, 1), ("tall-grey.png", .grey, 7, 300),
    ("grey-alpha.png", .greyAlpha, 50, 41),
    ("alpha.png", .colorAlpha, 61, 40), ("two-tone.png", .twoTone, 70, 51), ("palette.png", .palette, 75, 52),
    ("grey-2-bit.png", .grey, 37, 29), ("grey-16-bit.png", .grey16, 44, 36), ("color-16-bit.png", .color, 44, 36),
    ("cmyk.jpg", .cmyk, 52, 40), ("grey.jpg", .grey, 61, 45), ("portrait.jpg", .color, 333, 500),
    ("interlaced.png", .color, 53, 35), ("really-a-png.jpg", .color, 35, 30), ("long-20000x10.png", .color, 20000, 10),
  ])
  func `keep their mode and size`(name: String, mode: Picture.Mode, width: Int, height: Int) throws {
    let picture = try golden(name)
    #expect(picture.mode == mode)
    #expect((picture.width, picture.height) == (width, height))
  }

  @Test(arguments: [
    "one-pixel.png", "palette-transparent.png", "interlaced.png", "grey-2-bit.png", "grey.jpg", "progressive.jpg",
    "restarts.jpg",
  ])
  func `cut short are refused, wherever the cut`(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/pictures/\(name)"))))
    _ = try decodePicture(whole, path: "whole")
    for count in whole.indices {
      #expect(throws: PictureError.self, "\(count) of \(whole.count) bytes") {
        try decodePicture(Array(whole[..<count]), path: "cut")
      }
    }
  }

  @Test(arguments: [
    "one-pixel.png", "palette-transparent.png", "grey-2-bit.png", "grey.jpg", "cmyk.jpg", "turned-6.jpg",
  ])
  func `with any byte changed do no harm`(name: String) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/pictures/\(name)"))))
    for index in bytes.indices {
      let byte = bytes[index]
      for change in [0xFF, 0x80, 0x01] as [UInt8] {
        bytes[index] = byte ^ change
        do {
          let picture = try decodePicture(bytes, path: "changed")
          #expect(picture.samples.count == picture.width * picture.height * picture.mode.channels)
        } catch let error as PictureError {
          #expect(!error.description.contains("\n"))
        }
      }
      bytes[index] = byte
    }
  }

  @Test(
    arguments: [
      ([], "p: an empty file, expected a PNG or JPEG picture; fetch it again"),
      (Array("GIF89a....".utf8), "p: found a GIF picture, expected a PNG or JPEG picture; convert it"),
      (Array("RIFF....WEBPVP8 ".utf8), "p: found a WebP picture, expected a PNG or JPEG picture; convert it"),
      (
        [0, 1, 2, 255, 4],
        "p: found a file that starts with the bytes 00 01 02 ff, expected a PNG or JPEG picture; convert it"
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
    let error = try #require(throws: PictureError.self) { try decodePicture(bytes, path: "p") }
    #expect("\(error)" == message)
  }

  @Test func `that are missing or folders are refused`() throws {
    let missing = try #require(throws: PictureError.self) { try readPicture(path: "/no/such.png") }
    #expect(
      "\(missing)" == "/no/such.png: cannot read the picture: No such file or directory; check the path and the rights")
    try Fixtures.withTemporaryFolder { folder in
      let found = #expect(throws: PictureError.self) { try readPicture(path: folder) }
      #expect(found == .unreadable(path: folder, reason: "not a regular file"))
    }
  }

  @Test func `that claim absurd sizes are refused before memory is asked for`() throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/pictures/grey.jpg"))))
    let frame = try #require(startOfFrame(bytes))
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(throws: PictureError.tooLarge(path: "big", width: 65500, height: 65500, limit: 178_956_970)) {
      try decodePicture(bytes, path: "big")
    }
  }

  @Test func `keep the colour that stands for transparent`() throws {
    #expect(try golden("grey-key.png").transparentColor == [127])
    #expect(try golden("color-key.png").transparentColor == [10, 20, 30])
    #expect(try golden("square-64.png").transparentColor == nil)
  }
}
