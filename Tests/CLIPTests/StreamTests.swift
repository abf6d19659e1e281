import Attribution
import CLIP
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("Images in a stream") struct StreamTests {
  private struct Broken: Error, Equatable { let image: Int }

  private func model(threads: Int) throws -> CLIPModel {
    try CLIPModel(
      ModelSource(folder: Fixtures.root.appendingPathComponent("content/models/picture-world").path), threads: threads)
  }

  private func pixels(_ image: Int, _ model: CLIPModel) -> Tensor {
    var noise = Noise(UInt64(image) + 1)
    return noise.tensor([3, model.configuration.imageSize, model.configuration.imageSize])
  }

  @Test func `come in order, and are the same for any number of threads, and as a whole`() throws {
    let count = 70
    var all: [[Float]] = []
    for threads in [1, 2, 5] {
      let model = try model(threads: threads)
      var (next, embeddings): (Int, [Float]) = (0, [])
      try model.decompose(count: count, pixels: { self.pixels($0, model) }) { range, parts in
        #expect(range.lowerBound == next && parts.count == range.count)
        next = range.upperBound
        embeddings += parts.embeddings.values + parts.coordinates.flatMap(\.values) + parts.mlp.values
      }
      #expect(next == count)
      all.append(embeddings)
    }
    #expect(all[0] == all[1] && all[0] == all[2])
    let model = try model(threads: 2)
    let whole = try model.decompose((0..<count).map { pixels($0, model) })
    #expect(whole.count == count)
    #expect(Array(whole.embeddings.row(0)) == Array(all[0].prefix(whole.shape.embeddingWidth)))
  }

  @Test(arguments: [1, 3]) func `end with the first error, and nothing more is read`(threads: Int) throws {
    let model = try model(threads: threads)
    let read = Mutex<[Int]>([])
    #expect(throws: Broken(image: 20)) {
      try model.decompose(
        count: 10_000,
        pixels: { image in
          read.withLock { $0.append(image) }
          if image == 20 || image == 900 { throw Broken(image: image) }
          return self.pixels(image, model)
        }, take: { _, _ in })
    }
    let count = read.withLock { $0.count }
    #expect(count < 400)
  }

  @Test func `wait for who takes them`() throws {
    let model = try model(threads: 2)
    let read = Atomic<Int>(0)
    struct Enough: Error {}
    #expect(throws: Enough.self) {
      try model.decompose(
        count: 10_000,
        pixels: {
          read.add(1, ordering: .relaxed)
          return self.pixels($0, model)
        },
        take: { _, _ in
          Thread.sleep(forTimeInterval: 0.2)
          throw Enough()
        })
    }
    // Two threads, two batches waiting for each, of 15 images.
    #expect(read.load(ordering: .relaxed) <= 6 * 15)
  }
}
