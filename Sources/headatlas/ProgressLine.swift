import Build
import Diagnostics
import Foundation
import Synchronization

/// Progress on stderr: a bar that is drawn over on a terminal, else a plain line now and then.
final class ProgressLine: ProgressReporter {
  private struct State {
    var stage = ""
    var began = ContinuousClock.now
    var last = ContinuousClock.now
    var isOpen = false
  }
  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isColoured = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

  func report(stage: String, done: Int, total: Int?) { report(stage: stage, done: done, total: total, detail: "") }

  func report(stage: String, done: Int, total: Int?, detail: String) {
    let line: String? = state.withLock { state in
      let now = ContinuousClock.now
      let isNew = stage != state.stage
      if isNew { state = State(stage: stage, began: now, last: now, isOpen: state.isOpen) }
      let isLast = total.map { done >= $0 } ?? false
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
      guard isLast || (isTerminal && isNew) || state.last.duration(to: now) >= pause else { return nil }
      state.last = now
      return render(stage, done, total, detail, elapsed: state.began.duration(to: now), isLast: isLast)
    }
    if let line { say(line) }
  }

  func remark(_ line: String) {
    say((isTerminal ? "\r\u{1B}[K" : "") + onOneLine(line) + "\n")
  }

  private func render(
    _ stage: String, _ done: Int, _ total: Int?, _ detail: String, elapsed: Duration, isLast: Bool
  ) -> String {
    let seconds = max(elapsed / .seconds(1), 1e-3)
    let rate = Double(done) / seconds
    var text = total.map { "\(stage): \(done) of \($0)" } ?? "\(stage) …"
    if done > 0, elapsed > .milliseconds(200) { text += ", \(short(rate)) a second" }
    if let total, done > 0, !isLast { text += ", \(short(Double(total - done) / rate)) s left" }
    if !detail.isEmpty { text += ", \(detail)" }
    guard isTerminal else { return text + "\n" }
    let bar = total.map { " " + Self.bar(Double(done) / Double(max($0, 1)), isColoured: isColoured) } ?? ""
    return "\r\u{1B}[K" + text + bar + (isLast ? "\n" : "")
  }

  private static func bar(_ share: Double, isColoured: Bool) -> String {
    let full = Int((min(max(share, 0), 1) * 24).rounded())
    let bar = String(repeating: "━", count: full) + String(repeating: "─", count: 24 - full)
    return isColoured ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar
  }

  private func short(_ number: Double) -> String {
    fixed(number, decimals: number >= 10 ? 0 : 1)
  }
}
