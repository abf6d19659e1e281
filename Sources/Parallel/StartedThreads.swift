import Foundation

/// Threads that run one closure each and are waited for.
///
/// They are not those of Dispatch, which tries again for ever where the system starts no more: here there are fewer then.
struct StartedThreads {
  private let threads: [pthread_t]

  /// How many could be started.
  var count: Int { threads.count }

  /// Starts up to `count` threads that run `body`.
  init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    var threads: [pthread_t] = []
    for _ in 0..<count {
      let work = Unmanaged.passRetained(Work(body))
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { place in
          if let place { Unmanaged<Work>.fromOpaque(place).takeRetainedValue().body() }
          return nil
        }, work.toOpaque())
      guard status == 0 else {
        work.release()
        break
      }
      threads.append(thread)
    }
    self.threads = threads
  }

  func wait() {
    for thread in threads { pthread_join(thread, nil) }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
