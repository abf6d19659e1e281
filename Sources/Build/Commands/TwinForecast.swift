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
    let asked = configuration.plugins.options[plugin]?["images"]
    let most = if case .number(let number) = asked { number } else { TwinStudy.defaultImages }
    let (parts, images) = (256, 256)
    let factors = try (0..<parts).map {
      try PartFactor(coordinates: noise([images, first.shape.headSpaceWidth], $0), basis: nil)
    }
    let start = ContinuousClock.now
    _ = try GramProducts([factors]).sums(of: [.init(rows: 0, columns: 0)], threads: first.threads)
    // What this takes: one Gram matrix of each part, and the upper half of their products.
    let pairs = Double(images) * Double(images) / 2
    let products = pairs * Double(parts) * (Double(parts) / 2 + Double(first.shape.headSpaceWidth + 2))
    let rate = products / start.secondsUntilNow
    return TwinStudy.products(
      heads: models.map { (count: $0.shape.headCount, width: $0.shape.headSpaceWidth) },
      images: min(most, configuration.probe.images.count)) / rate
  }

  private static let plugin = "twins"

  private static func noise(_ shape: [Int], _ seed: Int) -> Tensor {
    var numbers = SeededNumbers(seed: UInt64(seed))
    return Tensor(shape: shape, values: (0..<shape[0] * shape[1]).map { _ in Float(numbers.next() >> 40) })
  }
}
