import Dispatch
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
  func runHere() throws {
    let scratch = scratch()
    for piece in 0..<count { try take(piece, try body(piece, scratch)) }
  }
  guard count > 1, threads > 1 else { return try runHere() }
  let work = StreamedWork<Value>()
  // Both start at 0: a semaphore must not be let go below the value that it was made with.
  let (room, ready) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
  let others = StartedThreads(min(threads, count)) {
    let scratch = scratch()
    while true {
      room.wait()
      guard let piece = work.next(of: count) else { return }
      work.finish(piece, Result { try body(piece, scratch) })
      ready.signal()
    }
  }
  guard others.count > 0 else { return try runHere() }
  for _ in 0..<2 * others.count { room.signal() }
  defer {
    work.stop()
    for _ in 0..<others.count { room.signal() }
    others.wait()
  }
  for piece in 0..<count {
    while true {
      if let result = work.taken(piece) {
        try take(piece, try result.get())
        break
      }
      ready.wait()
    }
    room.signal()
  }
}

/// The pieces that are begun, and the results that are not taken yet.
private final class StreamedWork<Value: Sendable>: Sendable {
  private struct State {
    var next = 0
    var isStopped = false
    var results: [Int: Result<Value, any Error>] = [:]
  }
  private let state = Mutex(State())

  func next(of count: Int) -> Int? {
    state.withLock { state in
      guard !state.isStopped, state.next < count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func finish(_ piece: Int, _ result: Result<Value, any Error>) { state.withLock { $0.results[piece] = result } }

  func taken(_ piece: Int) -> Result<Value, any Error>? { state.withLock { $0.results.removeValue(forKey: piece) } }

  func stop() { state.withLock { $0.isStopped = true } }
}

/// How many processors this process may use: those that it may run on, or fewer where its control groups grant less time.
package let processorCount = min(
  ProcessInfo.processInfo.activeProcessorCount, ProcessorGrant.processors() ?? .max)
