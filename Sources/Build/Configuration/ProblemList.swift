import Files

/// Takes down what is wrong with files that a user wrote, so that all of it can be said at once.
final class ProblemList {
  private var problems: [InputProblem] = []
  /// The same: a file can have as many problems as lines.
  private var known: Set<InputProblem> = []
  /// The files in the order in which they were first named.
  private var files: [String: Int] = [:]

  var count: Int { problems.count }

  /// Places the file after those that were named before it.
  func mention(_ file: String) {
    if files[file] == nil { files[file] = files.count }
  }

  /// Takes down a problem, once.
  func add(_ fact: InputProblem.Fact, _ file: String?, _ line: Int?) {
    if let file { mention(file) }
    let problem = InputProblem(file: file, line: line, fact: fact)
    if known.insert(problem).inserted { problems.append(problem) }
  }

  /// What `body` returns; nil where it throws, which is then a problem of the place given.
  @discardableResult
  func attempt<Value>(_ file: String, _ line: Int?, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch let several as InputProblems {
      for problem in several.problems { add(problem.fact, problem.file, problem.line) }
    } catch FileError.notText(let path, let place) {
      add(.notText, path, place)
    } catch {
      // Many name the file themselves, which may lie in the folder given.
      let parts = "\(error)".split(separator: ": ", maxSplits: 1)
      if parts.count == 2, parts[0] == file || parts[0].hasPrefix(file + "/") {
        add(.reported(String(parts[1])), String(parts[0]), line)
      } else {
        add(.reported("\(error)"), file, line)
      }
    }
    return nil
  }

  /// File by file, each by its lines; the command line's last.
  var all: InputProblems {
    func place(_ problem: InputProblem) -> (Int, Int) {
      (problem.file.flatMap { files[$0] } ?? .max, problem.line ?? 0)
    }
    let sorted = problems.enumerated().sorted {
      let (left, right) = (place($0.element), place($1.element))
      return left == right ? $0.offset < $1.offset : left < right
    }
    return InputProblems(problems: sorted.map(\.element))
  }

  /// - Throws: `InputProblems` where there are any.
  func check() throws(InputProblems) {
    if !problems.isEmpty { throw all }
  }
}
