import ArgumentParser
import Build

struct Describe: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describes heads by several methods side by side, as JSON.",
    discussion: """
      For each head and method the texts, the share of the head's variance along the first of them, the same on images that they \
      were not chosen by, and how like each other they are; and both ends of the head's first principal directions.
      """)

  @OptionGroup var arguments: DescriptionArguments
  @Option(help: "\(MethodChoice.names.joined(separator: ", ")); several times for several, all of them unless given.")
  var method: [String] = []
  @Option(help: "Texts per head and method.") var count = 10
  @OptionGroup var compute: ComputeArguments
  var computeOptions: ComputeOptions? { get throws { try compute.options() } }

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count \(count), expected a number above 0") }
    _ = try choice()
  }

  private func choice() throws -> MethodChoice {
    do { return try MethodChoice(method) } catch { throw ValidationError("\(error)") }
  }

  func run() throws {
    try describeHeads(try arguments.options(count: count, compute), by: try choice(), progress: ProgressLine())
  }
}
