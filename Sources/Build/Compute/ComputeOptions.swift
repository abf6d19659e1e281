import CLIP
import LinearAlgebra

/// How a model's towers are computed.
package struct ComputeOptions: Sendable, Equatable {
  /// Threads; all cores where nil.
  ///
  /// Results do not depend on it.
  package var jobs: Int?
  package var precision: Precision
  /// The bytes of gallery images' patches that stay in memory, in all models together; the others lie in temporary files.
  package var patchMemory: Int
  /// About how many images share a file of features; with another number, moments have other last bits.
  package var pieceSize: Int

  package init(
    jobs: Int? = nil, precision: Precision = .fp32, patchMemory: Int = 256 << 20, pieceSize: Int = 1024
  ) {
    self.jobs = jobs
    self.precision = precision
    self.patchMemory = patchMemory
    self.pieceSize = pieceSize
  }

  /// What a precision may be called.
  package static let precisionNames = Precision.allCases.map(\.rawValue)

  /// What the precision needs, in words, where this program on this processor has it not.
  package var missing: String? { ProductEngine.missing(for: precision) }

  /// Nil where nothing is called `precision`.
  package init?(jobs: Int?, precision: String) {
    guard let known = Precision(rawValue: precision) else { return nil }
    self.init(jobs: jobs, precision: known)
  }
}

extension CLIPModel {
  init(_ source: ModelSource, _ compute: ComputeOptions) throws {
    try self.init(source, threads: compute.jobs, precision: compute.precision)
  }
}
