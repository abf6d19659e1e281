import Foundation
import Parallel
import Synchronization
import Testing

@Suite("Results that are computed ahead") struct StreamedResultsTests {
  private struct Wrong: Error, Equatable {
    let piece: Int
  }

  /// The pieces that were begun, and how many are being computed.
  private final class Record: Sendable {
    let begun = Mutex<Set<Int>>([])
    let running = Atomic<Int>(0)

    func results(_ count: Int, threads: Int, wrong: Int? = nil) -> StreamedResults<Int> {
      StreamedResults(count, threads: threads, scratch: {}) { piece, _ in
        self.running.add(1, ordering: .sequentiallyConsistent)
        defer { self.running.subtract(1, ordering: .sequentiallyConsistent) }
        self.begun.withLock { _ = $0.insert(piece) }
        if piece == wrong { throw Wrong(piece: piece) }
        return piece * piece
      }
    }
  }

  @Test("come in order", arguments: [1, 2, 7, 200]) func order(threads: Int) throws {
    let results = Record().results(100, threads: threads)
    for piece in 0..<100 { #expect(try results.next() == piece * piece) }
  }

  @Test("wait in small numbers", arguments: [2, 3]) func ahead(threads: Int) throws {
    let record = Record()
    let results = record.results(1000, threads: threads)
    for piece in 0..<500 {
      _ = try results.next()
      let last = record.begun.withLock { $0.max() ?? 0 }
      #expect(last <= piece + 2 * threads)
    }
  }

  @Test("go on while nobody asks", arguments: [2, 3]) func unasked(threads: Int) throws {
    let record = Record()
    let results = record.results(1000, threads: threads)
    _ = try results.next()
    let end = ContinuousClock.now + .seconds(60)
    while record.begun.withLock({ $0.count }) <= 2 * threads, .now < end { sched_yield() }
    #expect(record.begun.withLock { $0.count } == 2 * threads + 1)
    #expect(try results.next() == 1)
  }

  @Test("fail in their place, and the rest come", arguments: [1, 3]) func wrong(threads: Int) throws {
    let results = Record().results(40, threads: threads, wrong: 20)
    for piece in 0..<20 { #expect(try results.next() == piece * piece) }
    #expect(throws: Wrong(piece: 20)) { try results.next() }
    for piece in 21..<40 { #expect(try results.next() == piece * piece) }
  }

  @Test("are left out where nobody wants them", arguments: [1, 2, 5]) func skipped(threads: Int) throws {
    let record = Record()
    let results = record.results(300, threads: threads, wrong: 2)
    results.skip(to: 100)
    #expect(try results.next() == 100 * 100)
    results.skip(to: 101)
    results.skip(to: 50)
    for piece in 101..<150 { #expect(try results.next() == piece * piece) }
    results.skip(to: 299)
    #expect(try results.next() == 299 * 299)
    let begun = record.begun.withLock { $0 }
    #expect(begun.isDisjoint(with: 2 * threads..<100) && begun.isDisjoint(with: 150 + 2 * threads..<299), "\(begun)")
  }

  @Test("end when nobody asks any more") func ended() throws {
    let record = Record()
    do {
      let results = record.results(1000, threads: 4)
      _ = try results.next()
    }
    #expect(record.running.load(ordering: .sequentiallyConsistent) == 0)
    #expect(record.begun.withLock { $0.count } <= 1 + 2 * 4)
  }
}
