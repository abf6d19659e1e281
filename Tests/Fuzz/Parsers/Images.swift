import CImages
import Files
import Images

extension FuzzedParser {
  static let images = [png, jpeg, webp, mask]

  private static let png = decoder(
    "png", ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "eXIf", "acTL", "iCCP", "gAMA"], [".png"], finish: Containers.png)
  private static let jpeg = decoder("jpeg", ["Exif\0\0", "JFIF", "Adobe", "MM\0*", "II*\0"], [".jpg"])
  private static let webp = decoder(
    "webp", ["VP8X", "VP8L", "VP8 ", "ALPH", "ANIM", "ANMF", "EXIF", "RIFF"], [".webp"], finish: Containers.webp)

  private static let mask = FuzzedParser(
    name: "mask", words: ["IHDR", "PLTE", "IDAT"], isText: false,
    seeds: { root in
      try ["gallery-000-0", "gallery-019-1", "gallery-027-1"].map {
        let bytes = try readFile(root + "/content/images/masks/" + $0 + ".png")
        return Seed(file: "mask.png", bytes: bytes, finish: Containers.png)
      }
    }, bytesAsked: bytesOfPixels,
    read: { path, _ in
      let mask = try readMask(path: path)
      _ = mask.crop(side: 14, resize: .shortest)
      _ = mask.crop(side: 14, resize: .squash)
    })

  private static func decoder(
    _ name: String, _ words: [String], _ suffixes: [String], finish: (@Sendable ([UInt8]) -> [UInt8])? = nil
  ) -> FuzzedParser {
    FuzzedParser(
      name: name, words: words, isText: false,
      seeds: { root in
        try seedFiles(root + "/Tests/Goldens/images/originals", suffixes, as: "image").filter { $0.bytes.count < 8192 }
          .map { Seed(file: $0.file, bytes: $0.bytes, finish: finish) }
      }, bytesAsked: bytesOfPixels,
      read: { path, bytes in
        let image = try decodeImage(bytes, path: path)
        // The rest is as long as the image is large, and no different.
        guard image.width * image.height <= 1 << 20 else { return }
        _ = Preprocessing(size: 16, mean: [0, 0, 0], standardDeviation: [1, 1, 1]).crop(image)
        _ = image.upright(maximumSide: 16)
      })
  }

  /// Sixteen bytes a pixel that the header states: the decoded image, what libjpeg keeps of a progressive one, and a copy.
  private static func bytesOfPixels(_ bytes: [UInt8]) -> Int {
    var message = [CChar](repeating: 0, count: Int(IMAGE_MESSAGE_SIZE))
    var (png, jpeg, webp) = (png_header(), jpeg_header(), webp_header())
    let pixels: Int
    switch FileContent(bytes) {
    case .png:
      pixels = png_read_header_of(bytes, bytes.count, &png, &message) == 0 ? Int(png.width) * Int(png.height) : 0
    case .jpeg:
      pixels = jpeg_read_header_of(bytes, bytes.count, &jpeg, &message) == 0 ? Int(jpeg.width) * Int(jpeg.height) : 0
    case .webp:
      pixels = webp_read_header_of(bytes, bytes.count, &webp, &message) == 0 ? Int(webp.width) * Int(webp.height) : 0
    default: pixels = 0
    }
    return pixels <= Image.maximumPixelCount ? 16 * pixels : 0
  }
}
