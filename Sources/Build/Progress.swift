import Synchronization

/// Takes news of long work.
///
/// Called from several threads.
package protocol ProgressReporter: Sendable {
  /// - Parameter total: nil where it is not known.
  func report(stage: String, done: Int, total: Int?)

  /// The same with more to say of what is done, in a few words.
  func report(stage: String, done: Int, total: Int?, detail: String)

  /// Takes a line that is worth knowing and no error.
  func remark(_ line: String)
}

extension ProgressReporter {
  /// Leaves the words out.
  package func report(stage: String, done: Int, total: Int?, detail: String) {
    report(stage: stage, done: done, total: total)
  }

  /// Says nothing of it.
  package func remark(_ line: String) {}
}

/// Says nothing.
package struct SilentProgress: ProgressReporter {
  package init() {}
  package func report(stage: String, done: Int, total: Int?) {}
}

/// Asks long work to stop at its next step; set by a signal handler.
package final class Interruption: Sendable {
  package static let shared = Interruption()
  private let flag = Atomic<Bool>(false)
  private let comesBack = Atomic<Bool>(false)

  /// - Parameter comesBack: whether who asks will run the work again, as a scheduler does whose time is up.
  package func request(comesBack: Bool = false) {
    if comesBack { self.comesBack.store(true, ordering: .relaxed) }
    flag.store(true, ordering: .relaxed)
  }

  /// Whether one who asked will run the work again.
  package var isToComeBack: Bool { comesBack.load(ordering: .relaxed) }

  package var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// - Throws: `BuildError.interrupted` once asked to stop.
  package func check() throws {
    if flag.load(ordering: .relaxed) { throw BuildError.interrupted }
  }
}
