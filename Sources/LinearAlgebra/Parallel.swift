import Dispatch
import Synchronization

/// Runs `body` for 0 ..< `count` on at most `threads` threads and returns the results in order.
///
/// What a piece computes never depends on the number of threads, so neither do the results. The first error in the
/// order of the pieces is thrown.
package func inParallel<Value: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  guard count > 1, threads > 1 else { return try (0..<count).map(body) }
  let results = Mutex<[Result<Value, any Error>?]>(Array(repeating: nil, count: count))
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let piece = next.add(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      let result = Result { try body(piece) }
      results.withLock { $0[piece] = result }
    }
  }
  return try results.withLock { $0 }.compactMap { try $0?.get() }
}
