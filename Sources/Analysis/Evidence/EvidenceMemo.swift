import Synchronization

/// What was worked out of one model's evidence and several analyses ask for, so that it is worked out once.
///
/// It lives as long as the evidence, and holds what is a function of it alone.
package final class EvidenceMemo: Sendable {
  private let known = Mutex<[String: any Sendable]>([:])

  package init() {}

  /// The value of a name: what `make` made when it was first asked for.
  ///
  /// - Throws: what `make` throws; then nothing is remembered.
  package func value<Value: Sendable>(_ name: String, _ make: () throws -> Value) throws -> Value {
    if let found = known.withLock({ $0[name] }) as? Value { return found }
    let made = try make()
    known.withLock { $0[name] = made }
    return made
  }
}
