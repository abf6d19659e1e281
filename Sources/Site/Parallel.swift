import Dispatch
import Synchronization

extension Array where Element: Sendable {
  /// The results of `body` for every element, computed on all cores, in the order of the elements.
  ///
  /// - Throws: the error of the first element that has one, whichever came first in time.
  func concurrentMap<Result: Sendable>(_ body: @Sendable (Element) throws -> Result) throws -> [Result] {
    let results = Mutex([Swift.Result<Result, any Error>?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let result = Swift.Result { try body(self[index]) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }
}
