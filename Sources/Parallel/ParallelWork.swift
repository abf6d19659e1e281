import Foundation
import Synchronization

/// Runs `body` for 0 ..< `count` on at most `threads` threads and returns the results in order.
///
/// What a piece computes never depends on the number of threads, so neither do the results. The first error in the
/// order of the pieces is thrown.
package func inParallel<Value: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  try inParallel(count, threads: threads, scratch: {}) { piece, _ in try body(piece) }
}

/// Runs `body` as the function above does, with something that each thread makes once and uses for all its pieces.
package func inParallel<Value: Sendable, Scratch>(
  _ count: Int, threads: Int, scratch: @Sendable () -> Scratch, _ body: @Sendable (Int, Scratch) throws -> Value
) throws -> [Value] {
  guard count > 1, threads > 1 else {
    let scratch = scratch()
    return try (0..<count).map { try body($0, scratch) }
  }
  let results = Mutex<[Result<Value, any Error>?]>(Array(repeating: nil, count: count))
  let next = Atomic<Int>(0)
  let work: @Sendable () -> Void = {
    let scratch = scratch()
    while true {
      let piece = next.add(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      let result = Result { try body(piece, scratch) }
      results.withLock { $0[piece] = result }
    }
  }
  withoutActuallyEscaping(work) { work in
    let others = StartedThreads(min(threads, count) - 1, work)
    work()
    others.wait()
  }
  return try results.withLock { $0 }.compactMap { try $0?.get() }
}

/// Runs `body` for 0 ..< `count` on `threads` other threads, and hands each result to `take` on this one, in order.
///
/// No more than a few results wait to be taken, whatever the count.
///
/// The first error in the order of the pieces, or that `take` throws, ends the work and is thrown.
package func streamInParallel<Value: Sendable, Scratch>(
  _ count: Int, threads: Int, scratch: @escaping @Sendable () -> Scratch,
  _ body: @escaping @Sendable (Int, Scratch) throws -> Value, take: (Int, Value) throws -> Void
) throws {
  let results = StreamedResults(count, threads: threads, scratch: scratch, body)
  for piece in 0..<count { try take(piece, try results.next()) }
}

/// How many processors this process may use: those that it may run on, or fewer where its control groups grant less time.
package let processorCount = min(
  ProcessInfo.processInfo.activeProcessorCount, ProcessorGrant.processors() ?? .max)
