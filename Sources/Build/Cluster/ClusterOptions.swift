import Analysis
import Foundation

/// What `headatlas cluster` is asked for.
package struct ClusterOptions: Sendable {
  package var configuration: String
  package var output: String
  package var site: String
  package var shards: Int
  package var cpus: Int
  /// Of a shard, and of the build, in place of what is forecast.
  package var minutes: Int?
  /// Likewise, in millions of bytes.
  package var memory: Int?
  package var sbatch: [String]

  package init(
    configuration: String, output: String, site: String, shards: Int, cpus: Int, minutes: Int? = nil,
    memory: Int? = nil,
    sbatch: [String] = []
  ) {
    (self.configuration, self.output, self.site, self.shards) = (configuration, output, site, shards)
    (self.cpus, self.minutes, self.memory, self.sbatch) = (cpus, minutes, memory, sbatch)
  }
}

extension ClusterJob {
  /// The job of an atlas; where time and memory are both given nothing is tried.
  ///
  /// - Throws: as `buildAtlas` does.
  package init(
    _ options: ClusterOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter
  ) throws {
    let configuration = try AtlasConfiguration(file: options.configuration, plugins: plugins)
    let images = configuration.probe.images.count
    let models: [Model]
    let build: Resources
    func chosen(_ predicted: Resources) -> Resources {
      Resources(minutes: options.minutes ?? predicted.minutes, memory: options.memory ?? predicted.memory)
    }
    if let minutes = options.minutes, let memory = options.memory {
      build = Resources(minutes: minutes, memory: memory)
      models = configuration.models.map { Model(id: $0.id, resources: build) }
    } else {
      let forecast = try forecastBuild(
        configuration: options.configuration, plugins: plugins, compute: ComputeOptions(jobs: options.cpus),
        shards: options.shards, progress: progress)
      models = (forecast.shards ?? []).map { shard in
        Model(id: shard.model, resources: chosen(Resources(seconds: shard.seconds, bytes: shard.memory)))
      }
      let towers = forecast.parts.first { $0.name == "images" }?.seconds ?? 0
      build = chosen(Resources(seconds: forecast.seconds - towers, bytes: forecast.memory ?? 4_000_000_000))
    }
    self.init(
      folder: FileManager.default.currentDirectoryPath, configuration: options.configuration, output: options.output,
      site: options.site, shards: options.shards, cpus: options.cpus, models: models,
      // Every image is decoded and hashed once: large photographs take about 50 ms.
      manifest: Resources(seconds: Double(images) * 0.05 / Double(options.cpus), bytes: 300_000_000 + images * 400),
      build: build, options: options.sbatch)
  }
}
