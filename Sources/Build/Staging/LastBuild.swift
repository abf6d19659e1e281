import Files
import Foundation

/// What the last build into a folder was made from, and what it wrote: where both are as they were, there is nothing to do.
struct LastBuild: Codable, Sendable {
  private let inputs: String
  private let site: String
  let report: BuildReport

  /// The report of the last build, where nothing that the build reads and nothing in the site has changed since.
  static func unchanged(_ inputs: StampDigest, output: String, cache: FeatureCache) -> BuildReport? {
    let last: LastBuild? = cache.value(.built, inputs: [place(output)])
    guard let last, last.inputs == inputs.digest, last.site == stamps(ofSite: output) else { return nil }
    return last.report
  }

  /// Notes a finished build, unless some of what it read was changed after it began.
  ///
  /// - Parameter start: when the build began, in seconds since 1970.
  static func note(_ report: BuildReport, _ inputs: StampDigest, since start: Double, cache: FeatureCache) {
    guard inputs.isOlder(than: start) else { return }
    let last = LastBuild(inputs: inputs.digest, site: stamps(ofSite: report.output), report: report)
    cache.keep(value: last, .built, inputs: [place(report.output)])
  }

  private static func place(_ output: String) -> String {
    resolve(output, in: FileManager.default.currentDirectoryPath)
  }

  private static func stamps(ofSite output: String) -> String {
    var stamps = StampDigest()
    stamps.add(allIn: output)
    return stamps.digest
  }
}
