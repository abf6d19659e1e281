import Files

/// Images with the hashes of their bytes.
struct HashedImages: Sendable {
  let count: Int
  /// Of the whole set, names included.
  let hash: String
  /// SHA-256, in four words.
  private let hashes: [SIMD4<UInt64>]
  private let places: @Sendable (Int) -> FilePlace

  /// - Parameters:
  ///   - images: their places, and the names that the set's hash takes in.
  ///   - hash: SHA-256 of the image at a place, in hexadecimal.
  init(_ images: [(place: FilePlace, name: String)], hash imageHash: (Int) throws -> String) rethrows {
    var whole = JoinedDigest(separator: "\n")
    let hashes = try images.indices.map { place in
      let hash = try imageHash(place)
      whole.add("\(images[place].name) \(hash)")
      return words(ofHash: hash)
    }
    let places = images.map(\.place)
    self.init(hashes: hashes, hash: whole.hexDigest) { places[$0] }
  }

  init(_ set: ImageSet, hash: (Int) throws -> String) rethrows {
    try self.init(set.images.map { ($0.place, $0.id) }, hash: hash)
  }

  /// - Parameters:
  ///   - hashes: SHA-256 of each image, in four words.
  ///   - hash: of the whole set.
  ///   - place: of an image in a file or archive.
  init(hashes: [SIMD4<UInt64>], hash: String, place: @escaping @Sendable (Int) -> FilePlace) {
    (count, self.hash, self.hashes, places) = (hashes.count, hash, hashes, place)
  }

  func place(of image: Int) -> FilePlace { places(image) }

  /// Some of the images, in their order: those whose names and bytes have the lowest hashes, so that one image more or less changes
  /// one of them at most.
  ///
  /// - Parameter name: of an image.
  func drawn(_ count: Int, name: (Int) -> String) -> [Int] {
    guard count < self.count else { return Array(0..<self.count) }
    let marks = (0..<self.count).map { image in
      words(ofHash: hexDigest(of: Array("\(name(image)) \(hash(of: image))".utf8)))[0]
    }
    return marks.indices.sorted { (marks[$0], $0) < (marks[$1], $1) }.prefix(count).sorted()
  }

  /// The images at some places as a set of their own.
  func subset(_ rows: [Int], name: (Int) -> String) -> HashedImages {
    var whole = JoinedDigest(separator: "\n")
    for row in rows { whole.add("\(name(row)) \(hash(of: row))") }
    return HashedImages(hashes: rows.map { hashes[$0] }, hash: whole.hexDigest) { [places] in places(rows[$0]) }
  }

  /// SHA-256 of an image's bytes, in hexadecimal.
  func hash(of image: Int) -> String { text(ofHash: hashes[image]) }

  /// A number that says no more of an image than chance does, and is another where the image is.
  func mark(of image: Int) -> UInt64 { hashes[image][0] }
}

/// SHA-256 as hexadecimal digits, in four words.
func words(ofHash hash: some StringProtocol) -> SIMD4<UInt64> {
  var words = SIMD4<UInt64>()
  for (place, digit) in hash.utf8.prefix(64).enumerated() {
    let value = UInt64(digit >= 97 ? digit &- 87 : digit &- 48)
    words[place / 16] = words[place / 16] << 4 | value
  }
  return words
}

private func text(ofHash words: SIMD4<UInt64>) -> String {
  (0..<4).map { word in
    let text = String(words[word], radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }.joined()
}
