import Foundation
import FoundationNetworking
import Synchronization

/// The start of an answer.
struct ResponseHead: Sendable {
  let url: URL
  let status: Int
  private let fields: [String: String]

  init(url: URL, response: HTTPURLResponse) {
    self.url = url
    status = response.statusCode
    fields = Dictionary(
      response.allHeaderFields.map { (String(describing: $0.key).lowercased(), String(describing: $0.value)) },
      uniquingKeysWith: { $1 })
  }

  subscript(name: String) -> String? { fields[name.lowercased()] }

  func number(_ name: String) -> Int? { self[name].flatMap(Int.init) }
}

/// Takes an answer as it comes. Called from one thread at a time, which is not the caller's.
protocol BodySink: Sendable {
  /// - Throws: `HubError` to refuse the answer.
  func begin(_ head: ResponseHead) throws(HubError)
  func take(_ data: Data) throws(HubError)
}

/// Keeps a short answer in memory.
final class ShortBody: BodySink {
  private let url: String
  private let limit: Int
  private let data = Mutex(Data())

  init(url: String, limit: Int) {
    self.url = url
    self.limit = limit
  }

  var contents: Data { data.withLock { $0 } }

  func begin(_ head: ResponseHead) throws(HubError) { data.withLock { $0 = Data() } }

  func take(_ piece: Data) throws(HubError) {
    let isTooLong = data.withLock { data in
      data.append(piece)
      return data.count > limit
    }
    if isTooLong { throw .answerTooLong(url: url, limit: limit) }
  }
}

/// Why an answer did not come whole, where it may come another time.
struct Disturbance: Error {
  let reason: String
  /// Seconds the server asks to be left alone.
  var pause: Double?
}

/// One request under way.
final class Exchange: Sendable {
  private struct State {
    var head: ResponseHead?
    var received = 0
    var outcome: Result<Void, any Error>?
    var isClosed = false
    var isComplete = false
  }

  private let sink: any BodySink
  private let state = Mutex(State())
  let finished = DispatchSemaphore(value: 0)

  init(sink: any BodySink) { self.sink = sink }

  var received: Int { state.withLock { $0.received } }

  /// Whether the last has come of this request, be it good or bad.
  var isComplete: Bool { state.withLock { $0.isComplete } }

  /// After this the sink gets nothing more.
  func close() { state.withLock { $0.isClosed = true } }

  func begin(_ head: ResponseHead) {
    step { state in
      state.head = head
      try sink.begin(head)
    }
  }

  func take(_ data: Data) {
    step { state in
      state.received += data.count
      try sink.take(data)
    }
  }

  /// - Parameter failure: nil where the answer came whole.
  func end(_ failure: String?) {
    state.withLock { $0.isComplete = true }
    step { state in
      state.outcome = failure.map { .failure(Disturbance(reason: $0)) } ?? .success(())
      finished.signal()
    }
  }

  private func step(_ body: (inout State) throws -> Void) {
    state.withLock { state in
      guard !state.isClosed, state.outcome == nil else { return }
      do {
        try body(&state)
      } catch {
        state.outcome = .failure(error)
        finished.signal()
      }
    }
  }

  func result() throws -> ResponseHead {
    let (head, outcome) = state.withLock { ($0.head, $0.outcome) }
    try outcome?.get()
    guard let head else { throw Disturbance(reason: "an answer without a status") }
    return head
  }
}

/// Hands what URLSession tells to the exchange it is about, and follows no redirect by itself.
final class ExchangeDelegate: NSObject, URLSessionDataDelegate {
  private let exchanges = Mutex<[Int: Exchange]>([:])

  func add(_ exchange: Exchange, as task: Int) { exchanges.withLock { $0[task] = exchange } }

  func remove(_ task: Int) { exchanges.withLock { _ = $0.removeValue(forKey: task) } }

  private func exchange(_ task: URLSessionTask) -> Exchange? { exchanges.withLock { $0[task.taskIdentifier] } }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    if let response = response as? HTTPURLResponse, let url = response.url {
      exchange(dataTask)?.begin(ResponseHead(url: url, response: response))
    }
    completionHandler(.allow)
  }

  /// Asked for after a whole answer of status 401, which is what the caller should see.
  func urlSession(
    _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
    completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
  ) {
    exchange(task)?.end(nil)
    completionHandler(.cancelAuthenticationChallenge, nil)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    exchange(dataTask)?.take(data)
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    exchange(task)?.end(error?.localizedDescription)
  }
}
