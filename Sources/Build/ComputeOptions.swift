import CLIP
import Diagnostics
import LinearAlgebra

/// How a model's towers are computed.
package struct ComputeOptions: Sendable, Equatable {
  /// Threads; all cores where nil. Results do not depend on it.
  package var jobs: Int?
  package var precision: Precision

  package init(jobs: Int? = nil, precision: Precision = .fp32) {
    self.jobs = jobs
    self.precision = precision
  }

  /// - Throws: `BuildError.usage` where nothing is called `precision`.
  package init(jobs: Int?, precision: String) throws {
    guard let known = Precision(rawValue: precision) else {
      let names = Precision.allCases.map(\.rawValue).joined(separator: " or ")
      throw BuildError.usage("--precision \(quoted(precision)), expected \(names)")
    }
    self.init(jobs: jobs, precision: known)
  }
}

extension CLIPModel {
  init(_ source: ModelSource, _ compute: ComputeOptions) throws {
    try self.init(source, threads: compute.jobs, precision: compute.precision)
  }
}
