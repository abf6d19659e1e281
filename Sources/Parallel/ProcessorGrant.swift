import Foundation

/// How many processors the control groups of this process grant it, as in a container or in a task of a cluster.
///
/// The system's count of processors does not say: it is that of the machine, of which a group has a share of the time.
package enum ProcessorGrant {
  /// The least that any of the groups grants, rounded up; nil where none sets a limit.
  ///
  /// - Parameter root: of the file system.
  package static func processors(root: String = "") -> Int? {
    let groups = (try? String(contentsOfFile: root + "/proc/self/cgroup", encoding: .utf8)) ?? ""
    var limits: [Double] = []
    for line in groups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 3 else { continue }
      if fields[0] == "0", fields[1].isEmpty {
        limits += chain(root + "/sys/fs/cgroup", fields[2]).compactMap { limit(unified: $0) }
      } else if fields[1].split(separator: ",").contains("cpu") {
        for mount in [fields[1], "cpu"] {
          limits += chain(root + "/sys/fs/cgroup/" + mount, fields[2]).compactMap { limit(divided: $0) }
        }
      }
    }
    return limits.min().map { max(1, Int($0.rounded(.up))) }
  }

  /// The folders of a group and of all above it.
  ///
  /// In a container the path may be that of the machine, which is not to be seen: then the mount itself is the group's.
  private static func chain(_ mount: String, _ path: String) -> [String] {
    let parts = path.split(separator: "/").filter { $0 != ".." }
    return (0...parts.count).map { mount + parts.prefix($0).map { "/" + $0 }.joined() }
  }

  /// `cpu.max` is `QUOTA PERIOD`, or `max PERIOD`.
  private static func limit(unified folder: String) -> Double? {
    let words = numbers(folder + "/cpu.max")
    return words.count == 2 ? share(words[0], of: words[1]) : nil
  }

  private static func limit(divided folder: String) -> Double? {
    share(numbers(folder + "/cpu.cfs_quota_us").first ?? nil, of: numbers(folder + "/cpu.cfs_period_us").first ?? nil)
  }

  private static func numbers(_ file: String) -> [Double?] {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
    return text.split(whereSeparator: \.isWhitespace).map { Double($0) }
  }

  private static func share(_ quota: Double?, of period: Double?) -> Double? {
    guard let quota, let period, quota > 0, period > 0, quota / period < 1e6 else { return nil }
    return quota / period
  }
}
