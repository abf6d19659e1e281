import Foundation
import Images
import Tensors
import TestSupport
import Testing

/// Names of files in a folder of goldens, sorted.
func goldens(_ folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: Fixtures.golden("images/\(folder)"))) ?? []).sorted()
}

func golden(_ image: String) throws -> Image {
  try readImage(path: Fixtures.golden("images/originals/\(image)"))
}

let openAI = (
  mean: [Float(0.48145466), 0.4578275, 0.40821073], deviation: [Float(0.26862954), 0.26130258, 0.27577711]
)

/// The largest difference between two bitmaps; infinite where their sizes differ.
func worst(_ found: Bitmap, _ expected: Bitmap) -> WorstDifference {
  guard (found.width, found.height) == (expected.width, expected.height) else {
    return WorstDifference([Float(found.width)], [Float(expected.width), Float(expected.height)])
  }
  return WorstDifference(found.rgb.map(Float.init), expected.rgb.map(Float.init))
}

@Suite struct `What a model sees` {
  @Test func `has goldens`() { #expect(goldens("crops").count > 45) }

  @Test(arguments: goldens("crops")) func `equals open_clip to the bit`(name: String) throws {
    let parts = name.dropLast(4).split(separator: "@")
    let (image, size) = (String(parts[0]), try #require(Int(parts[1])))
    let resize = parts.count > 2 ? try #require(Preprocessing.Resize(rawValue: String(parts[2]))) : .shortest
    let preprocessing = Preprocessing(
      size: size, mean: openAI.mean, standardDeviation: openAI.deviation, resize: resize)
    let expected = try readImage(path: Fixtures.golden("images/crops/\(name)"))
    let difference = worst(
      preprocessing.crop(try golden(image)), Bitmap(width: size, height: size, rgb: expected.samples))
    #expect(difference.value == 0, "\(difference)")
  }

  @Test func `is normalised as torch does, to the bit`() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("images/normalised.bin")))
    let expected = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let preprocessing = Preprocessing(size: 32, mean: openAI.mean, standardDeviation: openAI.deviation)
    let found = preprocessing.pixels(try golden("portrait.jpg"))
    #expect(found.shape == [3, 32, 32])
    let difference = WorstDifference(found.values, expected)
    #expect(difference.value == 0, "\(difference)")
  }

  @Test(arguments: [(1, 1), (1, 400_000), (400_000, 1), (1, 9_000_000), (3, 2), (20_001, 10)])
  func `is a square of any image`(width: Int, height: Int) {
    for mode in [Image.Mode.grey, .twoTone] {
      let image = Image(
        width: width, height: height, mode: mode, samples: [UInt8](repeating: 255, count: width * height))
      let crop = Preprocessing(size: 8, mean: [0, 0, 0], standardDeviation: [1, 1, 1]).crop(image)
      #expect(crop == Bitmap(width: 8, height: 8, rgb: [UInt8](repeating: 255, count: 192)))
    }
  }

  @Test func `has its 16-bit grey scaled where PIL clips it`() throws {
    let image = try golden("grey-16-bit.png")
    #expect(image.mode == .grey16)
    #expect(Set(image.samples).count > 20)
  }

  @Test func `keeps every grey`() {
    // A constant image stays constant through every weight: fixed-point weights sum to one.
    for grey in [UInt8(0), 1, 127, 254, 255] {
      let image = Image(width: 37, height: 23, mode: .grey, samples: [UInt8](repeating: grey, count: 37 * 23))
      let crop = Preprocessing(size: 16, mean: [0, 0, 0], standardDeviation: [1, 1, 1]).crop(image)
      #expect(crop.rgb.allSatisfy { $0 == grey })
    }
  }

  @Test(arguments: [
    (400, 300, FractionalRectangle(x: 0.125, y: 0, width: 0.75, height: 1)),
    (300, 400, FractionalRectangle(x: 0, y: 0.125, width: 1, height: 0.75)),
    (5, 5, FractionalRectangle(x: 0, y: 0, width: 1, height: 1)),
  ])
  func `is the middle`(width: Int, height: Int, expected: FractionalRectangle) {
    #expect(Preprocessing.cropFraction(width: width, height: height) == expected)
  }

  @Test(.enabled(if: Fixtures.shared("real/photos") != nil, "needs ../shared/real"))
  func `is had from every photograph of the trial set`() throws {
    let folder = try #require(Fixtures.shared("real/photos"))
    let preprocessing = Preprocessing(size: 224, mean: openAI.mean, standardDeviation: openAI.deviation)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(!names.isEmpty)
    for name in names {
      let pixels = preprocessing.pixels(try readImage(path: folder + "/" + name))
      #expect(pixels.values.allSatisfy { abs($0) < 3 }, "\(name)")
      #expect(Set(pixels.values).count > 50, "\(name) is nearly one colour")
    }
  }
}
