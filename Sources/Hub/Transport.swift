import Foundation
import FoundationNetworking
import Synchronization

/// Makes who adds work wait while much is waiting. URLSession puts every piece of a body it receives into its queue and
/// reads on: where the disk is slower than the network, all of a file would come to stand in memory.
///
/// `@unchecked` as OperationQueue itself is, which a subclass has to say again; what is added may be shared.
private final class NarrowQueue: OperationQueue, @unchecked Sendable {
  private static let width = 64
  private let room = DispatchSemaphore(value: NarrowQueue.width)
  private let isWide = Atomic<Bool>(false)

  override func addOperation(_ block: @escaping @Sendable () -> Void) {
    if !isWide.load(ordering: .acquiring) { room.wait() }
    super.addOperation { [room] in
      block()
      room.signal()
    }
  }

  /// From now on nobody waits.
  func widen() {
    isWide.store(true, ordering: .releasing)
    for _ in 0..<Self.width { room.signal() }
  }
}

/// A URLSession, used until a request on it is given up.
private final class Line: Sendable {
  private let session: URLSession
  private let queue = NarrowQueue()
  private let delegate = ExchangeDelegate()

  init(timeout: Double) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.urlCredentialStorage = nil
    // The watch in `Transport.send` is finer: this one counts whole seconds.
    configuration.timeoutIntervalForRequest = timeout.rounded(.up) + 1
    queue.maxConcurrentOperationCount = 1
    session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: queue)
  }

  deinit { session.finishTasksAndInvalidate() }

  func start(_ request: URLRequest, _ exchange: Exchange) -> URLSessionTask {
    let task = session.dataTask(with: request)
    delegate.add(exchange, as: task.taskIdentifier)
    task.resume()
    return task
  }

  func forget(_ task: URLSessionTask) { delegate.remove(task.taskIdentifier) }

  /// FoundationNetworking traps where a cancellation meets a completion. On the queue that tells of completions they
  /// cannot meet; but cancelling waits for a thread that may be waiting for room in the queue.
  func cancel(_ task: URLSessionTask) {
    queue.widen()
    queue.addOperation { task.cancel() }
  }
}

/// Sends requests one after another, each to its end.
final class Transport: Sendable {
  /// Seconds without a sign of life after which a request is given up.
  private let timeout: Double
  private let current = Mutex<Line?>(nil)

  init(timeout: Double) { self.timeout = timeout }

  /// - Parameter tick: called several times a second; what it throws ends the request.
  /// - Throws: `Disturbance`, what the sink throws, what `tick` throws.
  func send(_ request: URLRequest, to sink: some BodySink, tick: () throws -> Void) throws -> ResponseHead {
    let line = current.withLock { current in
      let line = current ?? Line(timeout: timeout)
      current = line
      return line
    }
    let exchange = Exchange(sink: sink)
    let task = line.start(request, exchange)
    defer { line.forget(task) }
    do {
      try wait(for: exchange, tick: tick)
      return try exchange.result()
    } catch {
      exchange.close()
      if !exchange.isComplete {
        line.cancel(task)
        current.withLock { $0 = nil }
      }
      throw error
    }
  }

  private func wait(for exchange: Exchange, tick: () throws -> Void) throws {
    let clock = ContinuousClock()
    var (received, heard) = (0, clock.now)
    while exchange.finished.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      if exchange.received > received {
        (received, heard) = (exchange.received, clock.now)
      } else if clock.now - heard > .seconds(timeout) {
        throw Disturbance(reason: "nothing came for \(timeout.formatted()) s")
      }
      try tick()
    }
  }
}
