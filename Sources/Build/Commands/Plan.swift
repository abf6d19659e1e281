import Analysis
import CLIP
import Foundation

/// What a build will be of, counted before it is begun.
package struct BuildPlan: Sendable, Codable, Equatable {
  package let pages: Int
  /// Multiply-adds of the image towers over all images.
  package let operations: Double

  package var lines: [String] {
    ["pages: \(pages)", "image towers: \((operations / 1e9).rounded()) billion multiply-adds"]
  }
}

/// Reads the configurations of the atlas and of its models only.
package func planAtlas(configuration file: String, plugins: [any AnalysisPlugin]) throws -> BuildPlan {
  let configuration = try AtlasConfiguration(file: file, plugins: plugins)
  // Twelve pages stand for themselves: the atlas, six lists, metrics, method, about, search and A to Z.
  let shared =
    12 + configuration.properties.count + configuration.gallery.images.count + configuration.texts.count
    + configuration.contrasts.count + plugins.count
  let images = configuration.probe.images.count + configuration.gallery.images.count
  var (pages, operations) = (shared, 0.0)
  for entry in configuration.models {
    let source = try entry.model.source()
    let model = try CLIPConfiguration(source)
    let tower = model.image
    pages += 1 + tower.layers + tower.layers * tower.heads
    let tokens = Double(model.gridSide * model.gridSide + 1)
    let perToken = Double(tower.width) * Double(4 * tower.width + 2 * tower.mlpWidth)
    operations += Double(images * tower.layers) * tokens * (perToken + 2 * tokens * Double(tower.width))
  }
  return BuildPlan(pages: pages, operations: operations)
}
