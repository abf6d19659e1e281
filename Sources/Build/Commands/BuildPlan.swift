import Analysis
import Attribution
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

/// Reads the configurations of the atlas and of its models, and of the image sets what lists them and first bytes, only.
package func planAtlas(
  configuration file: String, plugins: [any AnalysisPlugin], runsOthers: Bool = true,
  progress: any ProgressReporter = SilentProgress()
) throws -> BuildPlan {
  let configuration = try AtlasConfiguration(file: file, plugins: plugins, runsOthers: runsOthers)
  configuration.imageRemarks.forEach(progress.remark)
  let images = configuration.probe.images.count + configuration.gallery.images.count
  let operations = configuration.models.reduce(0.0) { sum, entry in
    let tower = entry.configuration.image
    let tokens = Double(entry.shape.patches + 1)
    let perToken = Double(tower.width) * Double(4 * tower.width + 2 * tower.mlpWidth)
    return sum + Double(images * tower.layers) * tokens * (perToken + 2 * tokens * Double(tower.width))
  }
  return BuildPlan(pages: configuration.pagePaths().count, operations: operations)
}
