import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Images for readers` {
  @Test(arguments: goldens("upright").filter { $0.hasPrefix("turned") })
  func `stand upright`(name: String) throws {
    let expected = try readImage(path: Fixtures.golden("images/upright/\(name)"))
    let found = try golden(String(name.dropLast(4))).upright(maximumSide: 100)
    let difference = worst(found, Bitmap(width: expected.width, height: expected.height, rgb: expected.samples))
    #expect(difference.value == 0, "\(difference)")
  }

  @Test func `are made smaller as PIL does`() throws {
    let expected = try readImage(path: Fixtures.golden("images/upright/portrait.jpg@100.png"))
    let found = try golden("portrait.jpg").upright(maximumSide: 100)
    let difference = worst(found, Bitmap(width: expected.width, height: expected.height, rgb: expected.samples))
    #expect(difference.value == 0, "\(difference)")
  }

  @Test(arguments: [
    ("portrait.jpg", 500, 333, 500), ("portrait.jpg", 2000, 333, 500), ("long-20000x10.png", 100, 100, 1),
  ])
  func `are never made larger, nor thinner than a pixel`(name: String, side: Int, width: Int, height: Int) throws {
    let found = try golden(name).upright(maximumSide: side)
    #expect((found.width, found.height) == (width, height))
  }

  @Test func `show white through what is transparent`() {
    let image = Image(
      width: 3, height: 1, mode: .colorAlpha, samples: [9, 9, 9, 0, 200, 100, 0, 128, 1, 2, 3, 255])
    #expect(image.upright(maximumSide: 9).rgb == [255, 255, 255, 227, 177, 127, 1, 2, 3])
    let keyed = Image(width: 2, height: 1, mode: .grey, samples: [7, 8], transparentColor: [7])
    #expect(keyed.upright(maximumSide: 9).rgb == [255, 255, 255, 8, 8, 8])
    let palette = (0..<256).flatMap { (index: Int) -> [UInt8] in [UInt8(index), 0, 0, index == 4 ? 0 : 255] }
    let indexed = Image(width: 2, height: 1, mode: .palette, samples: [4, 5], palette: palette)
    #expect(indexed.upright(maximumSide: 9).rgb == [255, 255, 255, 5, 0, 0])
  }

  @Test(arguments: Orientation.allCases)
  func `have their maps and crops turned with them`(orientation: Orientation) {
    // An image whose centre crop is marked: white inside, black outside, and one grey corner patch.
    var samples = [UInt8](repeating: 0, count: 12 * 4)
    for y in 0..<4 { for x in 4..<8 { samples[y * 12 + x] = 255 } }
    samples[4] = 100
    let image = Image(width: 12, height: 4, mode: .grey, samples: samples, orientation: orientation)
    let shown = image.upright(maximumSide: 12)
    let crop = image.uprightCrop()
    let left = Int((crop.x * Double(shown.width)).rounded())
    let top = Int((crop.y * Double(shown.height)).rounded())
    #expect((crop.width * Double(shown.width)).rounded() == 4 && (crop.height * Double(shown.height)).rounded() == 4)
    let seen = Preprocessing(size: 4, mean: [0, 0, 0], standardDeviation: [1, 1, 1]).crop(image)
    let map = orientation.upright((0..<16).map { seen.rgb[$0 * 3] }, side: 4)
    for y in 0..<4 {
      for x in 0..<4 { #expect(shown.rgb[((top + y) * shown.width + left + x) * 3] == map[y * 4 + x]) }
    }
    #expect(map.contains(100) && !map.contains(0))
  }

  @Test(arguments: [(1, 30.0), (30, 3), (85, 1.5), (100, 1)])
  func `survive JPEG`(quality: Int, limit: Double) throws {
    let rgb = (0..<151 * 90).flatMap { (pixel: Int) -> [UInt8] in
      let (x, y) = (pixel % 151, pixel / 151)
      return [UInt8(x + 60), UInt8(y * 2), UInt8(200 - x)]
    }
    let bitmap = Bitmap(width: 151, height: 90, rgb: rgb)
    let bytes = try encodeJPEG(bitmap, quality: quality)
    #expect(try encodeJPEG(bitmap, quality: quality) == bytes)
    let back = try decodeImage(bytes, path: "back")
    #expect((back.width, back.height) == (bitmap.width, bitmap.height))
    let difference = zip(back.samples, bitmap.rgb).map { abs(Int($0) - Int($1)) }.reduce(0, +)
    #expect(Double(difference) / Double(bitmap.rgb.count) < limit)
    // Start of frame: 8 bits, 3 components, the first sampled 2×2.
    let frame = try #require(startOfFrame(bytes))
    #expect(bytes[frame + 11] == 0x22)
  }

  @Test func `survive PNG to the bit`() throws {
    for size in [1, 7, 200] {
      let bitmap = try golden("portrait.jpg").upright(maximumSide: size)
      let bytes = try encodePNG(bitmap)
      #expect(try encodePNG(bitmap) == bytes)
      let back = try decodeImage(bytes, path: "back")
      #expect(Bitmap(width: back.width, height: back.height, rgb: back.samples) == bitmap)
    }
    var state: UInt32 = 1
    let noise = (0..<300).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let back = try decodeImage(try encodePNG(Bitmap(width: 10, height: 10, rgb: noise)), path: "noise")
    #expect(back.samples == noise)
  }

  @Test func `of no size cannot be written`() {
    let nothing = Bitmap(width: 0, height: 4, rgb: [])
    #expect(throws: ImageError.self) { try encodeJPEG(nothing, quality: 80) }
    #expect(throws: ImageError.self) { try encodePNG(nothing) }
  }
}

@Suite struct `Masks` {
  @Test func `are set above the middle grey`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let bitmap = Bitmap(width: 4, height: 1, rgb: [127, 127, 127, 128, 128, 128, 0, 255, 0, 255, 0, 0])
      try Data(try encodePNG(bitmap)).write(to: URL(fileURLWithPath: folder + "/mask.png"))
      #expect(try readMask(path: folder + "/mask.png").isSet == [false, true, true, false])
    }
    #expect(try readMask(path: Fixtures.golden("images/originals/two-tone.png")).isSet.contains(true))
  }

  @Test func `are cropped as the model crops`() {
    let isSet = (0..<24).map { $0 % 6 == 1 || $0 % 6 == 4 }
    let mask = Mask(width: 6, height: 4, isSet: isSet)
    let row = [true, false, false, true]
    #expect(mask.crop(side: 4, resize: .shortest) == row + row + row + row)
    #expect(mask.crop(side: 2, resize: .shortest) == [true, false, true, false])
    // Squashed, all six columns are there, and four rows become six.
    let whole = mask.crop(side: 6, resize: .squash)
    #expect((0..<6).allSatisfy { Array(whole[$0 * 6..<($0 + 1) * 6]) == Array(isSet[..<6]) })
  }
}
