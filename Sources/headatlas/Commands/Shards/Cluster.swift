import ArgumentParser
import Build

struct Cluster: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the job that computes an atlas in shards on a cluster.",
    discussion: """
      Four steps: the manifest, an array of shards for each model, the merge, the build. What a shard may take is tried on this machine, as \
      by headatlas plan --shards, unless --time and --memory are both given.
      """, subcommands: [Slurm.self, Snakemake.self])

  struct Arguments: ParsableArguments {
    @OptionGroup var atlas: AtlasOptions
    @Option(help: "The folder of the manifest and of all shards.") var output: String
    @Option(help: "The site's folder.") var site = "site"
    @Option(help: "How many shards each model's work is divided into; a divisor of 64 divides it evenly.") var shards:
      Int
    @Option(help: "Processors of each task.") var cpus = 4
    @Option(help: "Minutes that a shard, and the build, may take.") var time: Int?
    @Option(help: "Memory that a shard, and the build, may take, in MB.") var memory: Int?

    func validate() throws {
      let ranges: [(name: String, value: Int?, range: ClosedRange<Int>)] = [
        ("shards", shards, 1...100_000), ("cpus", cpus, 1...1024), ("time", time, 1...1_000_000),
        ("memory", memory, 1...100_000_000),
      ]
      for (name, value, range) in ranges {
        if let value, !range.contains(value) {
          throw ValidationError("--\(name) \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
      }
    }

    func job(sbatch: [String] = []) throws -> ClusterJob {
      try ClusterJob(
        ClusterOptions(
          configuration: atlas.config, output: output, site: site, shards: shards, cpus: cpus, minutes: time,
          memory: memory, sbatch: sbatch), plugins: builtInPlugins, progress: ProgressLine())
    }
  }

  struct Slurm: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(
      abstract: "A script for bash that submits all steps to Slurm, each after those before it.")
    @OptionGroup var arguments: Arguments
    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "An option of sbatch for every step, such as --partition=long; may be repeated.", valueName: "option"))
    var sbatch: [String] = []

    func run() throws { try printScript(try arguments.job(sbatch: sbatch).slurmScript) }
  }

  struct Snakemake: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(abstract: "The same steps as a Snakefile.")
    @OptionGroup var arguments: Arguments

    func run() throws { try printScript(try arguments.job().snakefile) }
  }
}

/// Prints a text that ends with an end of line.
private func printScript(_ text: String) throws { try printDocument(String(text.dropLast())) }
