import Analysis
import Attribution
import ImageNeighbours
import PropertyNeighbours
import Tensors
import TestSupport
import Testing
import TextNeighbours

@Suite struct ImageNeighboursTests {
  static let evidence = World().evidence()
  static let options: [String: OptionValue] = ["count": 8, "images": 4, "heads": 3]
  static func sections() throws -> [Section] {
    try ImageNeighboursPlugin().sections(for: evidence, options: options)
  }

  @Test(arguments: World.shape.allHeads)
  func `a gallery image that is in the probe set is none of its own neighbours`(head: Head) throws {
    let section = try #require(try Self.sections().about(.head(model: "tiny", head: head)).first)
    #expect(section.strips.count == 8)
    for strip in section.strips {
      let query = try #require(strip.items.first)
      let image = try #require(Int(query.image.id.dropFirst("gallery-".count)))
      #expect(query.badge == "query" && query.values.isEmpty)
      #expect(!strip.probeRows.contains(World().twins[image]) && strip.probeRows.count == 8)
    }
  }

  @Test func `both rankings are those of all dot products and cosines in the joint embedding`() throws {
    let head = Head(layer: 1, head: 1)
    let section = try #require(try Self.sections().about(.head(model: "tiny", head: head)).first)
    let vectors = writtenVectors(of: head, in: Self.evidence.probe)
    let mean = meanVector(vectors)
    for strip in section.strips {
      let image = try #require(Int(strip.items[0].image.id.dropFirst("gallery-".count)))
      let query = vectors[World().twins[image]]
      let isDot = strip.caption.contains("by dot product")
      let scores = vectors.map { isDot ? dot($0, query) : cosine(less($0, mean), less(query, mean)) }
      let others = indicesOfLargest(scores, count: 12).filter { $0 != World().twins[image] }
      #expect(strip.probeRows == Array(others.prefix(8)))
      let shown = strip.values(isDot ? "dot" : "cosine")
      #expect(zip(shown, strip.probeRows).allSatisfy { abs($0 - scores[$1]) < 1e-5 })
    }
  }

  @Test(arguments: World.shape.allHeads)
  func `a head's page shows the images farthest from its mean, on both sides of it in turn`(head: Head) throws {
    let section = try #require(try Self.sections().about(.head(model: "tiny", head: head)).first)
    let vectors = writtenVectors(of: head, in: Self.evidence.probe)
    let mean = meanVector(vectors)
    let centred = World().twins.map { less(vectors[$0], mean) }
    let ranked = indicesOfLargest(centred.map { dot($0, $0) }, count: centred.count)
    // In the joint embedding, where the plugin decides it in the head's own coordinates, whose axes are at right angles here.
    let isOpposite = centred.map { dot($0, centred[ranked[0]]) < 0 }
    let shown = section.strips.filter { $0.caption.contains("by dot product") }.map { $0.items[0].image.id }
    let (same, opposite) = (ranked.filter { !isOpposite[$0] }, ranked.filter { isOpposite[$0] })
    let expected = (0..<5).flatMap { place in
      [same, opposite].compactMap { $0.indices.contains(place) ? $0[place] : nil }
    }.prefix(4)
    #expect(shown == expected.map { "gallery-\($0)" })
  }

  @Test func `an image's page shows the heads that write most for it beyond their means`() throws {
    // Image 2 (probe image 8) is put far out for one head; another hardly varies, so that all images lie far out by its own spread.
    var world = World()
    world.plantCoordinates = { head, tensor in
      if head == Head(layer: 0, head: 0) { for place in tensor.values.indices { tensor.values[place] *= 1e-3 } }
      if head == Head(layer: 1, head: 0) { for column in 0..<6 { tensor.values[8 * 6 + column] *= 8 } }
    }
    let sections = try ImageNeighboursPlugin().sections(for: world.evidence(), options: Self.options)
    let section = try #require(sections.about(.image("gallery-2")).first)
    #expect(section.strips.count == 6)
    #expect(section.strips[0].caption.hasPrefix("L1.H0 (Label10), "))
    #expect(section.strips[0].caption.hasSuffix("8 nearest of 12 probe images by dot product"))
    #expect(!section.strips.contains { $0.caption.hasPrefix("L0.H0") })
    #expect(!section.strips.contains { $0.items.contains { $0.badge == "query" } || $0.probeRows.contains(8) })
  }
}

@Suite struct PropertyNeighboursTests {
  /// In the heads of the property, probe images of one kind write one thing, near enough; other heads write noise.
  static func planted() -> ModelEvidence {
    var world = World()
    world.plantCoordinates = { head, tensor in
      guard world.properties[0].heads.contains(head) else { return }
      var noise = Noise(31)
      let kinds = noise.tensor([3, 6])
      for row in 0..<12 {
        for column in 0..<6 {
          tensor.values[row * 6 + column] = kinds.values[row % 3 * 6 + column] + 0.01 * noise.next()
        }
      }
    }
    return world.evidence()
  }
  static func sections() throws -> [Section] {
    try PropertyNeighboursPlugin().sections(for: planted(), options: ["count": 3, "images": 5])
  }

  @Test func `neighbours by a property are the images of the same kind`() throws {
    let section = try #require(try Self.sections().about(.property("colour")).first)
    #expect(section.strips.count == 5)
    for (image, strip) in section.strips.enumerated() {
      let kind = World().twins[image] % 3
      let others = (0..<12).filter { $0 % 3 == kind && $0 != World().twins[image] }
      #expect(Set(strip.probeRows(badge: "by cosine")) == Set(others))
      #expect(strip.caption.contains("3 nearest of 12 probe images"))
    }
  }

  @Test func `both rankings use the mean of the property's heads, for query and database alike`() throws {
    let evidence = World().evidence()
    let sections = try PropertyNeighboursPlugin().sections(for: evidence, options: ["count": 3, "images": 5])
    let section = try #require(sections.about(.property("colour")).first)
    let heads = evidence.properties[0].heads.map { writtenVectors(of: $0, in: evidence.probe) }
    let vectors = (0..<12).map { row in (0..<6).map { (heads[0][row][$0] + heads[1][row][$0]) / 2 } }
    let mean = meanVector(vectors)
    for (image, strip) in section.strips.enumerated() {
      let query = vectors[World().twins[image]]
      let dots = vectors.map { dot($0, query) }
      let cosines = vectors.map { cosine(less($0, mean), less(query, mean)) }
      func others(_ scores: [Double]) -> [Int] {
        Array(indicesOfLargest(scores, count: 12).filter { $0 != World().twins[image] }.prefix(3))
      }
      #expect(strip.probeRows(badge: "by dot") == others(dots))
      #expect(strip.probeRows(badge: "by cosine") == others(cosines))
      #expect(abs(strip.values("dot")[0] - dots[strip.probeRows[0]]) < 1e-5)
    }
  }

  @Test func `a property without heads says so, and without any property with heads nothing else is said`() throws {
    let missing = try #require(try Self.sections().about(.property("count")).first)
    #expect(missing.blocks.count == 1 && missing.markdown[0].hasPrefix("No head of this model is labelled with it"))
    var world = World()
    world.properties = [world.properties[1]]
    let sections = try PropertyNeighboursPlugin().sections(for: world.evidence(), options: ["count": 4, "images": 5])
    #expect(sections.map(\.subject) == [.property(world.properties[0].id)])
  }

  @Test func `a property's page shows some images, evenly spaced, and each image's page its own`() throws {
    let sections = try PropertyNeighboursPlugin().sections(for: Self.planted(), options: ["count": 3, "images": 2])
    let section = try #require(sections.about(.property("colour")).first)
    #expect(section.strips.map { $0.items[0].image.id } == ["gallery-0", "gallery-2"])
    #expect(section.markdown[0].hasPrefix("For 2 of 5 gallery images (the page of each has its own)"))
    for image in 0..<5 {
      let own = try #require(sections.about(.image("gallery-\(image)")).first)
      #expect(own.strips.count == 1 && !own.strips[0].items.contains { $0.badge == "query" })
    }
  }

  @Test func `the model's table tells how many images the rankings name`() throws {
    let table = try #require(try Self.sections().about(.model("tiny")).first?.tables.first)
    let numbers = table.rows[0].compactMap { cell -> Double? in
      guard case .number(let number, _) = cell else { return nil }
      return number
    }
    // The twins 3, 0, 8, 11 and 6 are of kinds 0, 0, 2, 2 and 0: two kinds of four images each, of which each is a neighbour of
    // another.
    #expect(numbers[0] == 2)
    #expect(numbers[2] == 8)
    #expect(numbers[3] >= 0 && numbers[3] <= 1)
  }
}

@Suite struct TextNeighboursTests {
  static let evidence = World().evidence()
  static func sections() throws -> [Section] {
    try TextNeighboursPlugin().sections(for: evidence, options: ["count": 5, "texts": 3, "heads": 2])
  }

  /// Dot products of all probe images with a text, for one head.
  static func scores(_ head: Head, _ text: Int) -> [Double] {
    let embedding = evidence.texts.embeddings.row(text).map(Double.init)
    return writtenVectors(of: head, in: evidence.probe).map { dot($0, embedding) }
  }

  @Test(arguments: World.shape.allHeads)
  func `a head's page shows the texts with the largest spread, in the order of all dot products`(
    head: Head
  ) throws {
    let section = try #require(try Self.sections().about(.head(model: "tiny", head: head)).first)
    let chosen = indicesOfLargest((0..<7).map { deviation(Self.scores(head, $0)) }, count: 3)
    let strips = section.strips.filter { $0.caption.contains("by dot product") }
    #expect(strips.count == 3)
    for (text, strip) in zip(chosen, strips) {
      #expect(strip.caption.hasPrefix("“text \(text)”"))
      #expect(strip.caption.hasSuffix("5 nearest of 12 probe images by dot product"))
      #expect(strip.probeRows == indicesOfLargest(Self.scores(head, text), count: 5))
    }
  }

  @Test(arguments: 0..<7) func `a text's page shows the heads that answer to it most`(text: Int) throws {
    let sections = try Self.sections().about(.text("text-\(text)"))
    let deviations = World.shape.allHeads.map { deviation(Self.scores($0, text)) }
    let grid = try #require(sections.flatMap(\.grids).first)
    #expect(zip(grid.values, deviations).allSatisfy { abs(($0 ?? .infinity) - $1) < 1e-5 })
    let heads = indicesOfLargest(deviations, count: 2).map { World.shape.allHeads[$0] }
    let leads = sections.flatMap(\.strips).map { $0.caption.prefix(5) }
    let first = try #require(sections.flatMap(\.markdown).first)
    #expect(
      first == "Most of all: "
        + heads.map { "[\($0)](/model/tiny/head/\($0.padded)/index.html)" }.joined(separator: ", ") + ".")
    #expect(leads == heads.flatMap { ["\($0)", "\($0)"] }.map { $0.prefix(5) })
  }

  @Test func `centred cosine divides by what is left of a contribution without the mean`() throws {
    let head = Head(layer: 0, head: 0)
    let section = try #require(try Self.sections().about(.head(model: "tiny", head: head)).first)
    let vectors = writtenVectors(of: head, in: Self.evidence.probe)
    let mean = meanVector(vectors)
    for strip in section.strips where strip.caption.contains("by centred cosine") {
      let text = try #require(Int(String(strip.caption.dropFirst("“text ".count).prefix(1))))
      let embedding = Self.evidence.texts.embeddings.row(text).map(Double.init)
      let cosines = vectors.map { cosine(less($0, mean), embedding) }
      #expect(strip.probeRows == indicesOfLargest(cosines, count: 5))
      #expect(zip(strip.values("cosine"), strip.probeRows).allSatisfy { abs($0 - cosines[$1]) < 1e-5 })
    }
  }
}

// The definitions, in double, looking at every row.
func writtenVectors(of head: Head, in probe: ProbeSet) -> [[Double]] {
  guard let contributions = probe.features as? HeadContributions else { return [] }
  return probe.items.indices.map { contributions.contribution(of: head, image: $0).map(Double.init) }
}
func meanVector(_ vectors: [[Double]]) -> [Double] {
  vectors[0].indices.map { column in vectors.reduce(0) { $0 + $1[column] } / Double(vectors.count) }
}
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
func less(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
func cosine(_ a: [Double], _ b: [Double]) -> Double {
  dot(a, b) / (dot(a, a).squareRoot() * dot(b, b).squareRoot())
}
func deviation(_ numbers: [Double]) -> Double {
  let mean = numbers.reduce(0, +) / Double(numbers.count)
  return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)).squareRoot()
}
