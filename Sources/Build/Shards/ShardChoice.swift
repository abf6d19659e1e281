/// Which shard of an image set is to be computed, as `--shard` has it.
package enum ShardChoice: Sendable, Equatable {
  /// `3/8`, counted from 0.
  case one(Shard)
  /// `auto`, or `auto/8` where the number of shards is not to be looked for: what the scheduler says.
  case auto(count: Int?)

  /// The most shards that there may be.
  static let most = 100_000

  /// - Returns: nil for anything but `i/n`, `auto` and `auto/n`.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    let count = parts.count == 2 ? Self.number(parts[1]) : nil
    guard parts.count == 1 || count.map({ (1...Self.most).contains($0) }) == true else { return nil }
    if parts[0] == "auto" {
      self = .auto(count: count)
    } else if let count, let index = Self.number(parts[0]), index < count {
      self = .one(Shard(index: index, count: count))
    } else {
      return nil
    }
  }

  /// The shard, as the variables of a scheduler's task name it.
  ///
  /// With the number of shards given, a task's own number is the shard's, so that some of the tasks can be run again. Without
  /// it the tasks must be all that there are.
  ///
  /// - Throws: `ShardChoiceError`.
  package func shard(_ environment: [String: String]) throws(ShardChoiceError) -> Shard {
    let count: Int?
    switch self {
    case .one(let shard): return shard
    case .auto(let given): count = given
    }
    guard let task = try ArrayTask(environment) else { throw .noTask }
    if let count {
      let index = task.id - task.usualFirst
      guard (0..<count).contains(index) else { throw .outside(task, count: count) }
      return Shard(index: index, count: count)
    }
    guard let all = task.tasks else { throw .noCount(task) }
    guard all.first <= 1, all.step > 0, all.last >= all.first, (all.last - all.first) % all.step == 0,
      all.count == (all.last - all.first) / all.step + 1, all.count <= Self.most,
      (task.id - all.first) % all.step == 0, (all.first...all.last).contains(task.id)
    else { throw .gaps(task) }
    return Shard(index: (task.id - all.first) / all.step, count: all.count)
  }

  /// Digits alone.
  fileprivate static func number(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}

/// A part of an image set: shard `index` of `count`, counted from 0.
package struct Shard: Sendable, Hashable, Codable, CustomStringConvertible {
  package let index: Int
  package let count: Int

  package init(index: Int, count: Int) {
    (self.index, self.count) = (index, count)
  }

  package var description: String { "\(index)/\(count)" }
}

/// A task of a scheduler's array.
package struct ArrayTask: Sendable, Equatable {
  /// The variable that has the task's number.
  package let variable: String
  package let id: Int
  /// The number that arrays of this scheduler begin with unless told otherwise.
  package let usualFirst: Int
  /// The numbers of all tasks; nil where the scheduler does not say.
  package let tasks: Tasks?

  package struct Tasks: Sendable, Equatable {
    package let first: Int
    package let last: Int
    package let step: Int
    package let count: Int
  }

  /// - Returns: nil outside an array.
  /// - Throws: `ShardChoiceError.notANumber`.
  init?(_ environment: [String: String]) throws(ShardChoiceError) {
    func number(_ name: String) throws(ShardChoiceError) -> Int? {
      // Grid Engine sets them to "undefined" outside an array.
      guard let text = environment[name], !text.isEmpty, text != "undefined" else { return nil }
      guard let number = ShardChoice.number(text) else { throw .notANumber(variable: name, text) }
      return number
    }
    if let id = try number("SLURM_ARRAY_TASK_ID") {
      let (first, last) = (try number("SLURM_ARRAY_TASK_MIN"), try number("SLURM_ARRAY_TASK_MAX"))
      let (step, count) = (try number("SLURM_ARRAY_TASK_STEP") ?? 1, try number("SLURM_ARRAY_TASK_COUNT"))
      var tasks: Tasks?
      if let first, let count {
        tasks = Tasks(first: first, last: last ?? first + step * (count - 1), step: step, count: count)
      }
      self.init(variable: "SLURM_ARRAY_TASK_ID", id: id, usualFirst: 0, tasks: tasks)
    } else if let id = try number("SGE_TASK_ID") {
      let (first, last) = (try number("SGE_TASK_FIRST"), try number("SGE_TASK_LAST"))
      let step = max(try number("SGE_TASK_STEPSIZE") ?? 1, 1)
      var tasks: Tasks?
      if let first, let last {
        tasks = Tasks(first: first, last: last, step: step, count: (last - first) / step + 1)
      }
      self.init(variable: "SGE_TASK_ID", id: id, usualFirst: 1, tasks: tasks)
    } else if let id = try number("PBS_ARRAY_INDEX") {
      self.init(variable: "PBS_ARRAY_INDEX", id: id, usualFirst: 0, tasks: nil)
    } else if let id = try number("JOB_COMPLETION_INDEX") {
      self.init(variable: "JOB_COMPLETION_INDEX", id: id, usualFirst: 0, tasks: nil)
    } else if let id = try number("AWS_BATCH_JOB_ARRAY_INDEX") {
      let tasks = try number("AWS_BATCH_JOB_ARRAY_SIZE").map { Tasks(first: 0, last: $0 - 1, step: 1, count: $0) }
      self.init(variable: "AWS_BATCH_JOB_ARRAY_INDEX", id: id, usualFirst: 0, tasks: tasks)
    } else {
      return nil
    }
  }

  private init(variable: String, id: Int, usualFirst: Int, tasks: Tasks?) {
    (self.variable, self.id, self.usualFirst, self.tasks) = (variable, id, usualFirst, tasks)
  }
}

/// Why the variables of a scheduler name no shard, as facts; `description` words it on one line.
package enum ShardChoiceError: Error, Equatable, CustomStringConvertible {
  case noTask
  case notANumber(variable: String, String)
  case noCount(ArrayTask)
  /// The numbers of the tasks are no whole row from 0 or 1.
  case gaps(ArrayTask)
  case outside(ArrayTask, count: Int)

  package var description: String {
    switch self {
    case .noTask:
      "--shard auto outside an array of tasks, expected SLURM_ARRAY_TASK_ID, SGE_TASK_ID, PBS_ARRAY_INDEX, "
        + "JOB_COMPLETION_INDEX or AWS_BATCH_JOB_ARRAY_INDEX in the environment; write --shard 0/8 for the first of eight"
    case .notANumber(let variable, let text): "\(variable) is \(text.prefix(40)), expected a whole number"
    case .noCount(let task):
      "\(task.variable) is \(task.id), and nothing says how many tasks there are; write --shard auto/8 for eight"
    case .gaps(let task):
      "\(task.variable) is \(task.id) of \(task.tasks?.count ?? 0) tasks from \(task.tasks?.first ?? 0) to "
        + "\(task.tasks?.last ?? 0), expected all from 0 or 1 on; to run some again, write --shard auto/8 for eight in all"
    case .outside(let task, let count):
      "\(task.variable) is \(task.id), expected \(task.usualFirst) to \(task.usualFirst + count - 1) for \(count) shards"
    }
  }
}
