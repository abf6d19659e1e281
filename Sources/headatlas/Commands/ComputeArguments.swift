import ArgumentParser
import Build
import Diagnostics
import Foundation

struct ComputeArguments: ParsableArguments {
  @Option(
    help: """
      Threads; by default SLURM_CPUS_PER_TASK, or all cores that may be used. Results do not depend on it.
      """) var jobs: Int?
  @Option(help: "Of the towers' products: fp32, or bf16 where built with oneDNN.") var precision = "fp32"

  func validate() throws { _ = try options() }

  /// As they are given to another process.
  var arguments: [String] { (jobs.map { ["--jobs", String($0)] } ?? []) + ["--precision", precision] }

  func options() throws -> ComputeOptions {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs \(jobs), expected 1 to 1024") }
    let granted = ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }
    let threads = jobs ?? granted.flatMap { (1...1024).contains($0) ? $0 : nil }
    guard let options = ComputeOptions(jobs: threads, precision: precision) else {
      let names = ComputeOptions.precisionNames.joined(separator: " or ")
      throw ValidationError("--precision \(quoted(precision)), expected \(names)")
    }
    if let missing = options.missing { throw ValidationError("--precision \(precision) needs \(missing)") }
    return options
  }
}

/// A command that computes with models, for which it is chosen first what multiplies.
protocol ComputingCommand {
  /// That of the towers' products; nil where the command multiplies nothing.
  var computeOptions: ComputeOptions? { get throws }
}

extension ComputingCommand {
  var computeOptions: ComputeOptions? { ComputeOptions() }
}
