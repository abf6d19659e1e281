import Analysis
import Attribution
import CLIP
import Evaluation
import Tensors

/// How long it takes to compare the heads of all models of an atlas with each other, as far as comparing a few heads of noise tells.
enum TwinForecast {
  /// - Returns: seconds; 0 where the atlas has no twins.
  /// - Throws: what comparing the heads of noise throws.
  static func seconds(_ configuration: AtlasConfiguration, _ models: [CLIPModel]) throws -> Double {
    guard !configuration.plugins.disabled.contains(plugin), let first = models.first else { return 0 }
    let (parts, few) = (256, 256)
    let factors = try (0..<parts).map {
      try PartFactor(coordinates: noise([few, first.shape.headSpaceWidth], $0), basis: nil)
    }
    let start = ContinuousClock.now
    _ = try GramProducts([factors]).sums(of: [.init(rows: 0, columns: 0)], threads: first.threads)
    // What this takes: one Gram matrix of each part, and the upper half of their products.
    let pairs = Double(few) * Double(few) / 2
    let products = pairs * Double(parts) * (Double(parts) / 2 + Double(first.shape.headSpaceWidth + 2))
    let rate = products / start.secondsUntilNow
    return TwinStudy.products(
      heads: models.map { (count: $0.shape.headCount, width: $0.shape.headSpaceWidth) },
      images: images(configuration)) / rate
  }

  /// What the heads' arrays take in memory, for all images that are compared over.
  static func bytes(_ configuration: AtlasConfiguration, _ models: [CLIPModel]) -> Int {
    guard !configuration.plugins.disabled.contains(plugin) else { return 0 }
    return images(configuration) * MemoryLayout<Float>.size
      * models.reduce(0) { $0 + $1.shape.headCount * $1.shape.headSpaceWidth }
  }

  private static func images(_ configuration: AtlasConfiguration) -> Int {
    let asked = configuration.plugins.options[plugin]?["images"]
    let most = if case .number(let number) = asked { number } else { TwinStudy.defaultImages }
    return min(most, configuration.lookedUpCount)
  }

  private static let plugin = "twins"

  private static func noise(_ shape: [Int], _ seed: Int) -> Tensor {
    var numbers = SeededNumbers(seed: UInt64(seed))
    return Tensor(shape: shape, values: (0..<shape[0] * shape[1]).map { _ in Float(numbers.next() >> 40) })
  }
}
