import Foundation

/// How often a server is asked, and how long it is left alone between attempts.
package struct RetryPolicy: Sendable {
  /// Attempts in a row that bring nothing, the first one counted.
  package let attempts: Int
  /// Seconds of the first pause, which double from pause to pause.
  private let first: Double
  /// What a pause is multiplied by, so that clients that failed together do not come back together.
  private let jitter: @Sendable () -> Double
  private let wait: @Sendable (Double, () throws -> Void) throws -> Void

  /// - Parameter wait: waits so many seconds, and calls the closure it is given meanwhile, which may throw to give up.
  package init(
    attempts: Int = 5, first: Double = 1, jitter: @escaping @Sendable () -> Double = { 1 },
    wait: @escaping @Sendable (Double, () throws -> Void) throws -> Void = Self.pause
  ) {
    self.attempts = attempts
    self.first = first
    self.jitter = jitter
    self.wait = wait
  }

  /// Calls `body` again for as long as it throws a `TransientFailure`, after 1, 2, 4… seconds (from the policy's first pause on) or
  /// as long as the server asks for; a minute at most.
  ///
  /// - Parameters:
  ///   - url: what the request is called in messages.
  ///   - attempts: in place of the policy's own.
  ///   - tick: called some twenty times a second during pauses; what it throws ends them.
  ///   - progress: a number that grows with what has come; an attempt that makes it grow starts the count again.
  /// - Throws: `HTTPError.unreachable` after the last attempt, and what `body` and `tick` throw.
  package func run<Answer>(
    _ url: String, attempts: Int? = nil, tick: () throws -> Void = {}, progress: () -> Int = { 0 },
    _ body: () throws -> Answer
  ) throws -> Answer {
    var (most, failures) = (progress(), 0)
    while true {
      do {
        return try body()
      } catch let failure as TransientFailure {
        failures = progress() > most ? 1 : failures + 1
        most = max(most, progress())
        guard failures < attempts ?? self.attempts else {
          throw HTTPError.unreachable(url: url, failure, attempts: failures)
        }
        let pause = first * Double(1 << min(failures - 1, 5)) * jitter()
        try wait(min(60, max(failure.pause ?? 0, pause)), tick)
      }
    }
  }

  /// Waits so many seconds and calls `tick` some twenty times in each, which may throw to give up.
  package static func pause(_ seconds: Double, _ tick: () throws -> Void) throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while clock.now < end {
      try tick()
      Thread.sleep(forTimeInterval: 0.05)
    }
  }
}
