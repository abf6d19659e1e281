import Dispatch
import Synchronization

/// Results for 0 ..< `count`, which other threads compute ahead of who asks for them.
///
/// No more than a few wait to be asked for, whatever the count. The threads end with this value; a piece that is begun then is finished.
package final class StreamedResults<Value: Sendable> {
  /// Computes a piece where there are no other threads.
  private let here: (Int) throws -> Value
  private let work: StreamedWork<Value>
  // Both start at 0: a semaphore must not be let go below the value that it was made with.
  private let (room, ready) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
  private let others: StartedThreads
  private var asked = 0

  /// - Parameters:
  ///   - threads: how many other threads compute; with one, and where the system starts none, a piece is computed when it is asked for.
  ///   - scratch: what each thread makes once and uses for all its pieces.
  package init<Scratch>(
    _ count: Int, threads: Int, scratch: @escaping @Sendable () -> Scratch,
    _ body: @escaping @Sendable (Int, Scratch) throws -> Value
  ) {
    let work = StreamedWork<Value>(count)
    self.work = work
    others = StartedThreads(count > 1 && threads > 1 ? min(threads, count) : 0) { [room, ready] in
      let scratch = scratch()
      while true {
        room.wait()
        guard let piece = work.next() else { return }
        work.finish(piece, Result { try body(piece, scratch) })
        ready.signal()
      }
    }
    var own: Scratch?
    here = { piece in
      let scratch = own ?? scratch()
      own = scratch
      return try body(piece, scratch)
    }
    for _ in 0..<2 * others.count { room.signal() }
  }

  /// The next result, in the order of the pieces; of no more than there are.
  ///
  /// - Throws: what computing it threw.
  package func next() throws -> Value {
    precondition(asked < work.count, "only \(work.count) results")
    let piece = asked
    asked += 1
    return others.count > 0 ? try result(of: piece).get() : try here(piece)
  }

  /// Leaves out the pieces before one: those of them that nobody has begun are not computed.
  package func skip(to piece: Int) {
    let begun = work.skip(to: piece)
    while asked < min(begun, piece) {
      _ = result(of: asked)
      asked += 1
    }
    asked = max(asked, piece)
  }

  private func result(of piece: Int) -> Result<Value, any Error> {
    while true {
      if let result = work.taken(piece) {
        room.signal()
        return result
      }
      ready.wait()
    }
  }

  deinit {
    work.stop()
    for _ in 0..<others.count { room.signal() }
    others.wait()
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
  let count: Int

  init(_ count: Int) { self.count = count }

  func next() -> Int? {
    state.withLock { state in
      guard !state.isStopped, state.next < count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  /// Begins no more pieces before `piece`; returns the first that was not begun.
  func skip(to piece: Int) -> Int {
    state.withLock { state in
      defer { state.next = max(state.next, piece) }
      return state.next
    }
  }

  func finish(_ piece: Int, _ result: Result<Value, any Error>) { state.withLock { $0.results[piece] = result } }

  func taken(_ piece: Int) -> Result<Value, any Error>? { state.withLock { $0.results.removeValue(forKey: piece) } }

  func stop() { state.withLock { $0.isStopped = true } }
}
