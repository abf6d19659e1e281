import CCurl
import Foundation

/// Seconds after which a request is given up.
package struct HTTPTimeouts: Sendable {
  /// Until there is a connection, names resolved and TLS agreed on.
  package let connect: Double
  /// Without a byte in either direction.
  package let stall: Double

  package init(connect: Double = 10, stall: Double = 10) {
    self.connect = connect
    self.stall = stall
  }
}

/// Takes an answer as it comes.
package protocol HTTPReceiver: AnyObject {
  /// Called before the first byte, but for answers that redirect. Throws to refuse the answer.
  func begin(_ head: HTTPHead) throws
  func append(_ bytes: UnsafeRawBufferPointer) throws
}

/// Sends HTTP requests through libcurl on the calling thread, one at a time, and keeps connections for the next.
///
/// Proxies are those of libcurl's environment variables. No file is read but the certificates of the system. Not to be
/// shared among threads.
package final class HTTPSession {
  private let timeouts: HTTPTimeouts
  private let multi: UnsafeMutableRawPointer

  package static let redirectLimit = 10
  private static let interval = Duration.milliseconds(50)
  /// libcurl's own state of the process, made once.
  private static let isStarted = ccurl_start() == CURLE_OK

  package init(timeouts: HTTPTimeouts = HTTPTimeouts()) {
    guard Self.isStarted, let multi = curl_multi_init() else { fatalError("libcurl has no memory to start") }
    self.timeouts = timeouts
    self.multi = multi
  }

  deinit { curl_multi_cleanup(multi) }

  /// The whole answer, its body in memory.
  ///
  /// - Throws: as the other `send`.
  package func send(
    _ request: HTTPRequest, stopsAt: (HTTPHead) throws -> Bool = { _ in false }, tick: () throws -> Void = {}
  ) throws -> (head: HTTPHead, body: [UInt8]) {
    let memory = Memory()
    let head = try send(request, to: memory, stopsAt: stopsAt, tick: tick)
    return (head, memory.bytes)
  }

  /// Sends a request, and again to where it is redirected.
  ///
  /// - Parameters:
  ///   - receiver: takes the body of the last answer.
  ///   - stopsAt: whether a redirect is not to be followed; asked for those only that may be.
  ///   - tick: called some twenty times a second; what it throws ends the request.
  /// - Returns: the head of the last answer, whatever its status.
  /// - Throws: `TransientFailure`, `HTTPError`, what the receiver throws, what `stopsAt` and `tick` throw.
  package func send(
    _ request: HTTPRequest, to receiver: some HTTPReceiver, stopsAt: (HTTPHead) throws -> Bool = { _ in false },
    tick: () throws -> Void = {}
  ) throws -> HTTPHead {
    var current = request
    for _ in 0...Self.redirectLimit {
      current.secrets = current.address.origin == request.address.origin ? request.secrets : [:]
      let head = try exchange(current, receiver, tick)
      guard let next = try head.redirect(), try !stopsAt(head) else { return head }
      current = current.redirected(to: next, status: head.status)
    }
    throw HTTPError.tooManyRedirects(url: "\(request.address)", limit: Self.redirectLimit)
  }

  private func exchange(
    _ request: HTTPRequest, _ receiver: any HTTPReceiver, _ tick: () throws -> Void
  ) throws -> HTTPHead {
    let transfer = try Transfer(request, to: receiver, connectTimeout: timeouts.connect)
    curl_multi_add_handle(multi, transfer.easy)
    // Closes the connection where the answer has not come whole.
    defer { curl_multi_remove_handle(multi, transfer.easy) }
    try run(transfer, tick)
    return try transfer.result(outcome())
  }

  private func run(_ transfer: Transfer, _ tick: () throws -> Void) throws {
    let clock = ContinuousClock()
    var (activity, heard, ticked) = (0, clock.now, clock.now)
    var running: Int32 = 0
    while curl_multi_perform(multi, &running) == CURLM_OK, running > 0 {
      curl_multi_poll(multi, nil, 0, 50, nil)
      let now = clock.now
      if transfer.activity > activity {
        (activity, heard) = (transfer.activity, now)
      } else if now - heard > .seconds(timeouts.stall) {
        throw TransientFailure.stalled(seconds: timeouts.stall)
      }
      if now - ticked >= Self.interval {
        ticked = now
        try tick()
      }
    }
  }

  /// What libcurl says of the transfer that has ended.
  private func outcome() -> CURLcode {
    var waiting: Int32 = 0
    guard let message = curl_multi_info_read(multi, &waiting), message.pointee.msg == CURLMSG_DONE else {
      return CURLE_FAILED_INIT
    }
    return message.pointee.data.result
  }
}

/// Keeps a body in memory.
private final class Memory: HTTPReceiver {
  var bytes: [UInt8] = []
  func begin(_ head: HTTPHead) {}
  func append(_ piece: UnsafeRawBufferPointer) { bytes.append(contentsOf: piece) }
}
