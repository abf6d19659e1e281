import Analysis
import Attribution
import ContrastiveSegmentation
import Synchronization
import Tensors
import TestSupport
import Testing
import TopicSegmentation

/// A patch of a head that writes much in some images, whatever they show.
@Suite struct `Register patches` {
  static let head = Head(layer: 0, head: 1)

  /// - Parameter images: in which patch 5 of the head writes 60 times as much as it would.
  private static func world(gallery: Int = 10, planted images: [Int]) -> World {
    var world = World()
    world.galleryCount = gallery
    world.twins = Array(0..<gallery)
    world.plantPatches = { patches in
      let (shape, width) = (patches.shape, patches.shape.embeddingWidth)
      let row = shape.index(of: head) * shape.patches + 5
      for image in images {
        for place in row * width..<(row + 1) * width { patches.kernels[image].values[place] *= 60 }
      }
    }
    return world
  }

  @Test(arguments: [6, 8, 10])
  func `are found where they are planted in most images, of the head and of all heads summed`(
    images: Int
  ) throws {
    let found = try Self.world(planted: Array(0..<images)).evidence().registerPatches()
    #expect(found.images == 10 && found.summed == [5])
    #expect(found.heads == World.shape.allHeads.map { $0 == Self.head ? [5] : [] })
  }

  @Test(arguments: [0, 1, 5]) func `are none where a patch is large in half of the images or fewer`(images: Int) throws
  {
    let found = try Self.world(planted: Array(0..<images)).evidence().registerPatches()
    #expect(found.images == 10 && found.summed.isEmpty && found.heads == [[], [], [], []])
  }

  @Test func `are not looked for in fewer than eight images`() throws {
    #expect(try Self.world(gallery: 8, planted: Array(0..<8)).evidence().registerPatches().summed == [5])
    let few = try Self.world(gallery: 7, planted: Array(0..<7)).evidence().registerPatches()
    #expect(few.images == 0 && few.summed.isEmpty && few.heads == [[], [], [], []])
  }

  @Test func `are looked for once, however many ask`() throws {
    let world = Self.world(planted: Array(0..<10)).evidence()
    let patches = CountingPatches(world.patches)
    let evidence = world.with(patches: patches, threads: 3)
    let first = try evidence.registerPatches()
    #expect(try evidence.registerPatches() == first)
    #expect(patches.asked.withLock { $0.map(\.image).sorted() } == (0..<10).map { GalleryIndex($0) })
  }

  @Test func `light up where a magnitude is among the highest, and three times the mean`() {
    let cases: [(large: [Int: Double], lit: [Int])] = [
      ([:], []), ([7: 2.9], []), ([7: 3.5], [7]), ([7: 9, 39: 5], [7, 39]),
      // A twentieth of forty patches is two.
      ([7: 9, 8: 8, 9: 7], [7, 8]),
    ]
    for (large, lit) in cases {
      #expect(RegisterPatches.lit((0..<40).map { large[$0] ?? 1 }) == lit, "\(large)")
    }
    #expect(RegisterPatches.lit([]) == [] && RegisterPatches.lit([0, 0]) == [])
    #expect(RegisterPatches.lit([0, 0, 0, 1]) == [3])
  }

  @Test func `are marked on topic and contrastive maps, of all heads and of the head alone`() throws {
    let evidence = Self.world(planted: Array(0..<9)).evidence()
    let topic = try TopicSegmentationPlugin().sections(for: evidence, options: TopicSegmentationTests.options)
    let contrast = try ContrastiveSegmentationPlugin().sections(
      for: evidence, options: ContrastiveSegmentationTests.options)
    for sections in [topic, contrast] {
      var seen = 0
      for section in sections {
        for map in section.heatMaps.flatMap(\.maps) {
          seen += 1
          let own: Head?
          if case .head(_, let head) = section.subject { own = head } else { own = Self.head(of: map.link) }
          #expect(map.registers == (own == nil || own == Self.head ? [5] : []), "\(map.title)")
        }
      }
      #expect(seen >= 12)
    }
    let model = try #require(topic.about(.model("tiny")).first)
    #expect(Self.words(model).contains("large in more than half of the 10 gallery images"))
    #expect(Self.words(model).contains("On the maps of all heads summed: row 2, column 3. 1 head of 4 has"))
    let none = try TopicSegmentationPlugin().sections(
      for: Self.world(planted: []).evidence(), options: TopicSegmentationTests.options)
    #expect(none.flatMap(\.heatMaps).flatMap(\.maps).flatMap(\.registers) == [])
    let plain = try #require(none.about(.model("tiny")).first)
    #expect(Self.words(plain).contains("No patch is a register patch"))
    let few = try #require(try TopicSegmentationTests.sections().about(.model("tiny")).first)
    #expect(!Self.words(few).contains("register"))
  }

  private static func head(of subject: Subject?) -> Head? {
    if case .head(_, let head) = subject { head } else { nil }
  }

  private static func words(_ section: Section) -> String {
    section.blocks.compactMap { if case .markdown(let text) = $0 { text } else { nil } }.joined(separator: " ")
  }

  @Test func `hold a share of a map's mass`() {
    #expect(massShare(of: [1, -3, 0, 4], on: [1]) == 0.375)
    #expect(massShare(of: [1, -3, 0, 4], on: [1, 1, 9, -1]) == 0.375)
    #expect(massShare(of: [1, -3, .nan, .infinity], on: [0, 2, 3]) == 0.25)
    #expect(massShare(of: [0, 0], on: [0]) == 0 && massShare(of: [], on: []) == 0)
  }
}
