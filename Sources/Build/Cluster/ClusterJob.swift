import Foundation

/// The steps of an atlas on a cluster, with what each may take: the manifest, shards of every model, the merge, the build.
package struct ClusterJob: Sendable, Equatable {
  package struct Resources: Sendable, Equatable {
    package let minutes: Int
    /// Millions of bytes.
    package let memory: Int

    package init(minutes: Int, memory: Int) {
      (self.minutes, self.memory) = (minutes, memory)
    }

    /// Twice what was predicted, since nodes differ, and no less than ten minutes and 500 MB.
    init(seconds: Double, bytes: Int) {
      self.init(
        minutes: 10 + Int((2 * max(seconds, 0) / 60).rounded(.up)),
        memory: max(500, (Int(1.5 * Double(max(bytes, 0))) / 1_000_000 + 99) / 100 * 100))
    }
  }

  package struct Model: Sendable, Equatable {
    package let id: String
    package let resources: Resources

    package init(id: String, resources: Resources) {
      (self.id, self.resources) = (id, resources)
    }
  }

  /// The folder that paths start from.
  package let folder: String
  package let configuration: String
  /// The folder of the shards.
  package let output: String
  package let site: String
  package let shards: Int
  package let cpus: Int
  package let models: [Model]
  package let manifest: Resources
  package let build: Resources
  /// More options of sbatch, for every step.
  package let options: [String]

  package init(
    folder: String, configuration: String, output: String, site: String, shards: Int, cpus: Int, models: [Model],
    manifest: Resources, build: Resources, options: [String]
  ) {
    (self.folder, self.configuration, self.output, self.site) = (folder, configuration, output, site)
    (self.shards, self.cpus, self.models, self.manifest) = (shards, cpus, models, manifest)
    (self.build, self.options) = (build, options)
  }
}
