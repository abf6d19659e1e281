/// Texts one behind the other: each takes its bytes and four more.
struct PackedTexts: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []

  init(_ texts: [String] = []) {
    bytes.reserveCapacity(texts.reduce(0) { $0 + $1.utf8.count })
    ends.reserveCapacity(texts.count)
    for text in texts { append(text) }
  }

  var count: Int { ends.count }

  subscript(index: Int) -> String {
    let start = index > 0 ? Int(ends[index - 1]) : 0
    return String(decoding: bytes[start..<Int(ends[index])], as: UTF8.self)
  }

  mutating func append(_ text: String) {
    bytes += text.utf8
    ends.append(UInt32(bytes.count))
  }
}

/// What captions files say of images, packed: there may be very many images, and they say the same over and over.
///
/// A record is a run of numbers: caption, credit, licence, the facts of the scene, then of every object its text, mask
/// and facts. A text is its place among all different texts, one that may be missing one more or 0; facts are
/// their number, then name and value of each, by name.
struct ImageRecords: Sendable {
  /// Per image, one more than where its record begins; 0 without one.
  private var starts: [UInt32]
  private var numbers: [UInt32] = []
  private var texts = PackedTexts()
  /// The places of texts, while records are added.
  private var places: [String: UInt32] = [:]

  /// Of so many images, none with a record yet.
  init(_ images: Int) {
    starts = [UInt32](repeating: 0, count: images)
  }

  func hasRecord(_ image: Int) -> Bool { starts[image] > 0 }

  mutating func add(
    _ image: Int, caption: String, credit: String?, licence: String?, objects: [ImageSet.Object],
    scene: [String: String]
  ) {
    starts[image] = UInt32(numbers.count) + 1
    numbers += [place(of: caption), optionalPlace(of: credit), optionalPlace(of: licence)]
    add(scene)
    numbers.append(UInt32(objects.count))
    for object in objects {
      numbers += [place(of: object.text), optionalPlace(of: object.mask)]
      add(object.facts)
    }
  }

  /// Nothing is added any more.
  mutating func close() {
    places = [:]
  }

  private mutating func add(_ facts: [String: String]) {
    numbers.append(UInt32(facts.count))
    for (name, value) in facts.sorted(by: { $0.key < $1.key }) { numbers += [place(of: name), place(of: value)] }
  }

  private mutating func place(of text: String) -> UInt32 {
    if let place = places[text] { return place }
    let place = UInt32(texts.count)
    places[text] = place
    texts.append(text)
    return place
  }

  private mutating func optionalPlace(of text: String?) -> UInt32 { text.map { place(of: $0) + 1 } ?? 0 }

  func image(_ index: Int, id: String, path: String) -> ImageSet.Entry {
    guard var reader = reader(index) else {
      return ImageSet.Entry(
        id: id, path: path, caption: "", credit: nil, licence: nil, objects: [], scene: [:])
    }
    let (caption, credit, licence) = (reader.text(), reader.optionalText(), reader.optionalText())
    let scene = reader.facts()
    return ImageSet.Entry(
      id: id, path: path, caption: caption, credit: credit, licence: licence, objects: reader.objects(), scene: scene)
  }

  private func reader(_ image: Int) -> Reader? {
    hasRecord(image) ? Reader(records: self, place: Int(starts[image]) - 1) : nil
  }

  private struct Reader {
    let records: ImageRecords
    var place: Int

    mutating func number() -> Int {
      place += 1
      return Int(records.numbers[place - 1])
    }

    mutating func text() -> String { records.texts[number()] }

    mutating func optionalText() -> String? {
      let number = number()
      return number > 0 ? records.texts[number - 1] : nil
    }

    mutating func facts() -> [String: String] {
      var facts: [String: String] = [:]
      for _ in 0..<number() {
        let name = text()
        facts[name] = text()
      }
      return facts
    }

    mutating func objects() -> [ImageSet.Object] {
      (0..<number()).map { _ in
        let (text, mask) = (text(), optionalText())
        return ImageSet.Object(text: text, mask: mask, facts: facts())
      }
    }
  }
}
