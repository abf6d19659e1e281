import Build
import Testing

@Suite("A choice of a shard") struct ShardChoiceTests {
  private static let slurm = [
    "SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "7", "SLURM_ARRAY_TASK_COUNT": "8",
    "SLURM_ARRAY_TASK_STEP": "1",
  ]

  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let environment: [String: String]
    let shard: Shard
    var testDescription: String { "\(text) \(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })" }

    init(_ text: String, _ environment: [String: String], _ index: Int, _ count: Int) {
      (self.text, self.environment, shard) = (text, environment, Shard(index: index, count: count))
    }
  }

  private static let named = [
    Case("3/8", slurm, 3, 8), Case("0/1", [:], 0, 1),
    Case("auto", slurm, 5, 8), Case("auto/8", slurm, 5, 8),
    Case("auto", slurm.merging(["SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "8"]) { $1 }, 4, 8),
    // From 0 to 14 by twos.
    Case(
      "auto",
      slurm.merging([
        "SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_MAX": "14", "SLURM_ARRAY_TASK_STEP": "2",
      ]) { $1 }, 7, 8),
    // Some tasks of an array of eight, run again.
    Case(
      "auto/8",
      slurm.merging([
        "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_COUNT": "4",
      ]) { $1 }, 7, 8),
    Case("auto", ["SGE_TASK_ID": "3", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "5", "SGE_TASK_STEPSIZE": "2"], 1, 3),
    Case("auto/5", ["SGE_TASK_ID": "5"], 4, 5),
    Case("auto/4", ["SGE_TASK_ID": "undefined", "PBS_ARRAY_INDEX": "0"], 0, 4),
    Case("auto/4", ["JOB_COMPLETION_INDEX": "3"], 3, 4),
    Case("auto/4", ["AWS_BATCH_JOB_ARRAY_INDEX": "2"], 2, 4),
    Case("auto", ["AWS_BATCH_JOB_ARRAY_INDEX": "2", "AWS_BATCH_JOB_ARRAY_SIZE": "10"], 2, 10),
  ]

  @Test("is what the text or the scheduler says", arguments: named) func choice(_ example: Case) throws {
    #expect(try #require(ShardChoice(example.text)).shard(example.environment) == example.shard)
  }

  @Test(
    "is none of other texts",
    arguments: [
      "", "8", "8/8", "-1/8", "1/0", "+1/8", "1/8/2", "auto/", "auto/0", "auto/x", "1/9999999999999999999999", "a/8",
    ])
  func others(_ text: String) { #expect(ShardChoice(text) == nil) }

  private static let refused: [(text: String, environment: [String: String], words: String)] = [
    ("auto", [:], "outside an array"), ("auto/8", ["SGE_TASK_ID": "undefined"], "outside an array"),
    ("auto", ["PBS_ARRAY_INDEX": "3"], "nothing says how many tasks there are"),
    ("auto", ["SLURM_ARRAY_TASK_ID": "x"], "SLURM_ARRAY_TASK_ID is x, expected a whole number"),
    ("auto/8", ["SLURM_ARRAY_TASK_ID": "8"], "SLURM_ARRAY_TASK_ID is 8, expected 0 to 7 for 8 shards"),
    ("auto/8", ["SGE_TASK_ID": "0"], "SGE_TASK_ID is 0, expected 1 to 8 for 8 shards"),
    // With gaps, and a part of an array that has none.
    ("auto", slurm.merging(["SLURM_ARRAY_TASK_COUNT": "4"]) { $1 }, "4 tasks from 0 to 7, expected all from 0 or 1 on"),
    (
      "auto", slurm.merging(["SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "3"]) { $1 },
      "3 tasks from 5 to 7, expected all from 0 or 1 on"
    ),
    ("auto", slurm.merging(["SLURM_ARRAY_TASK_ID": "9"]) { $1 }, "expected all from 0 or 1 on"),
  ]

  @Test("that names no shard says why", arguments: refused.indices) func reason(_ index: Int) throws {
    let example = Self.refused[index]
    let error = #expect(throws: ShardChoiceError.self) {
      try #require(ShardChoice(example.text)).shard(example.environment)
    }
    #expect(error?.description.contains(example.words) == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test("is listed as schedulers take it") func list() {
    #expect(arrayList([]) == "")
    #expect(arrayList([3]) == "3")
    #expect(arrayList([9, 3, 8, 7]) == "3,7-9")
    #expect(arrayList(Array(0..<1000)) == "0-999")
  }
}
