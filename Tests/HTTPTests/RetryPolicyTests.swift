import HTTP
import Synchronization
import Testing

@Suite struct `A retry policy` {
  /// Fails as often as there are failures, and says how long it was waited.
  private func run(
    _ failures: [TransientFailure], attempts: Int = 10, progress: [Int] = []
  ) -> (pauses: [Double], error: HTTPError?) {
    let pauses = Mutex<[Double]>([])
    let policy = RetryPolicy(attempts: attempts, wait: { seconds, _ in pauses.withLock { $0.append(seconds) } })
    var failed = 0
    var error: HTTPError?
    do {
      try policy.run("http://a/", progress: { progress.isEmpty ? 0 : progress[failed] }) {
        guard failed < failures.count else { return }
        failed += 1
        throw failures[failed - 1]
      }
    } catch let caught as HTTPError {
      error = caught
    } catch {
      Issue.record(error)
    }
    return (pauses.withLock { $0 }, error)
  }

  @Test func `waits twice as long each time, half a minute and no more`() {
    let broken = TransientFailure.connection("broken")
    #expect(run(Array(repeating: broken, count: 8)).pauses == [1, 2, 4, 8, 16, 32, 32, 32])
  }

  @Test(arguments: [(nil, 1), (0.0, 1), (7, 7), (3600, 60)] as [(Double?, Double)])
  func `waits as long as the server asks, a minute at most`(asked: Double?, pause: Double) {
    #expect(run([.status(429, retryAfter: asked)]).pauses == [pause])
  }

  @Test func `starts with its own pause, shortened at random, and never comes before the server asks`() {
    let pauses = Mutex<[Double]>([])
    let policy = RetryPolicy(attempts: 5, first: 0.5, jitter: { 0.5 }) { seconds, _ in
      pauses.withLock { $0.append(seconds) }
    }
    #expect(throws: HTTPError.self) { try policy.run("http://a/") { throw TransientFailure.unusable("a page") } }
    #expect(pauses.withLock { $0 } == [0.25, 0.5, 1, 2])
    #expect(throws: HTTPError.self) {
      try policy.run("http://a/") { throw TransientFailure.status(429, retryAfter: 3) }
    }
    #expect(pauses.withLock { $0 }.suffix(4) == [3, 3, 3, 3])
  }

  @Test func `counts anew where an attempt brought something`() {
    let failures = Array(repeating: TransientFailure.stalled(seconds: 1), count: 4)
    let found = run(failures, attempts: 2, progress: [0, 5, 6, 7, 8])
    #expect(found.pauses == [1, 1, 1, 1])
    #expect(found.error == nil)
  }

  @Test func `gives up after its attempts, and says why`() {
    let found = run([.connection("a\nb"), .status(503), .incomplete(found: 1, expected: 2)], attempts: 3)
    #expect(found.pauses == [1, 2])
    #expect(found.error == .unreachable(url: "http://a/", .incomplete(found: 1, expected: 2), attempts: 3))
    #expect(
      found.error?.description == "http://a/: no answer after 3 attempts: the answer ended after 1 of 2 bytes; check "
        + "the network, or try again later")
    #expect("\(TransientFailure.connection("a\nb"))" == "a b")
  }

  @Test func `stops waiting when the caller says so`() {
    struct Stop: Error {}
    let clock = ContinuousClock()
    let start = clock.now
    var ticks = 0
    let tick = {
      ticks += 1
      if ticks == 3 { throw Stop() }
    }
    #expect(throws: Stop.self) {
      try RetryPolicy().run("http://a/", tick: tick) { throw TransientFailure.status(503, retryAfter: 60) }
    }
    #expect(ticks == 3 && clock.now - start < .seconds(30))
  }

  @Test func `lets other errors through`() {
    struct Other: Error {}
    #expect(throws: Other.self) { try RetryPolicy().run("http://a/") { throw Other() } }
  }
}
