import Foundation
import Parallel
import TestSupport
import Testing

@Suite("What control groups grant") struct ProcessorGrantTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let files: [String: String]
    let processors: Int?
  }

  private static let cases = [
    Case(testDescription: "nothing where there are no groups", files: [:], processors: nil),
    Case(
      testDescription: "nothing where the group has no limit",
      files: ["proc/self/cgroup": "0::/job\n", "sys/fs/cgroup/job/cpu.max": "max 100000\n"], processors: nil),
    Case(
      testDescription: "the group's share, rounded up",
      files: ["proc/self/cgroup": "0::/job\n", "sys/fs/cgroup/job/cpu.max": "250000 100000\n"], processors: 3),
    Case(
      testDescription: "the least of the group's and of those above it",
      files: [
        "proc/self/cgroup": "0::/slurm/job_7/step\n", "sys/fs/cgroup/slurm/job_7/step/cpu.max": "800000 100000\n",
        "sys/fs/cgroup/slurm/job_7/cpu.max": "400000 100000\n", "sys/fs/cgroup/slurm/cpu.max": "max 100000\n",
      ], processors: 4),
    Case(
      testDescription: "that of the mount where a container does not show the group",
      files: ["proc/self/cgroup": "0::/../docker/abc\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"], processors: 1),
    Case(
      testDescription: "that of the groups' first version",
      files: [
        "proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/job\n",
        "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "600000\n",
        "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      ], processors: 6),
    Case(
      testDescription: "nothing where files say nothing that is a share",
      files: [
        "proc/self/cgroup": "0::/a\nx\n::\n", "sys/fs/cgroup/a/cpu.max": "0 0 0\n", "sys/fs/cgroup/cpu.max": "-5 0\n",
      ],
      processors: nil),
  ]

  @Test("is", arguments: cases) func processors(_ example: Case) throws {
    try Fixtures.withTemporaryFolder { root in
      for (name, text) in example.files {
        let path = URL(fileURLWithPath: root + "/" + name)
        try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: path)
      }
      #expect(ProcessorGrant.processors(root: root) == example.processors)
    }
  }
}
