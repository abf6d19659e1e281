import ArgumentParser
import Build
import Files

/// Measures products in a process of its own, for `doctor` and for the choice of kernels.
struct MeasureProducts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: measuringCommand, abstract: "Prints how fast products are here, as JSON.", shouldDisplay: false)

  func run() throws { try printDocument(measuredProducts()) }
}
