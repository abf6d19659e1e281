import Foundation
import Synchronization

/// A server of a language model that fails in a share of its answers in every way that servers have, and tells which requests it answered.
package final class FaultServer: Sendable {
  enum Fault: CaseIterable {
    case tooMany, failing, page, cut, notJSON, otherJSON, silence, tooEarly
  }

  private struct State {
    var requests = 0
    /// How often each body got a good answer.
    var answered: [String: Int] = [:]
  }
  private final class Memory: Sendable { let state = Mutex(State()) }
  private let memory = Memory()
  private let server: RawServer

  /// - Parameters:
  ///   - share: of ten requests how many fail.
  ///   - answer: the text for a prompt, with how many messages there are.
  package init(share: Int = 3, _ answer: @escaping @Sendable (String, Int) -> String) throws {
    server = try RawServer { [memory] request in
      let body = String(decoding: request.body, as: UTF8.self)
      let number = memory.state.withLock { state in
        state.requests += 1
        return state.requests
      }
      // A number of its own for each, so that tests repeat.
      let drawn = (number &* 2_654_435_761) >> 7
      if drawn % 10 < share { return Self.reply(Fault.allCases[(drawn / 10) % Fault.allCases.count]) }
      memory.state.withLock { $0.answered[body, default: 0] += 1 }
      return .text(Self.envelope(request.body, answer))
    }
  }

  package var endpoint: String { server.address + "/v1" }
  package var requests: [Request] { server.requests }
  package var answered: [String: Int] { memory.state.withLock { $0.answered } }

  private static func reply(_ fault: Fault) -> Reply {
    switch fault {
    case .tooMany: Reply(status: 429, fields: ["Retry-After": "0"])
    case .failing: Reply(status: 500, body: Array("broken".utf8))
    case .page: .text("<html><body>Bad gateway</body></html>")
    case .cut: Reply(body: Array(#"{"choices": [{"message": {"content": "Colour"}}]}"#.utf8), cut: 20)
    case .notJSON: .text(#"{"choices": [{"message": {"content": "Col"#)
    case .otherJSON: .text(#"{"object": "list", "data": []}"#)
    case .silence: Reply(body: Array(repeating: 32, count: 100), cut: 0)
    case .tooEarly: Reply(status: 425)
    }
  }

  package static func envelope(_ body: [UInt8], _ answer: (String, Int) -> String) -> String {
    let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    let messages = object["messages"] as? [[String: String]]
    let text = answer(messages?.first?["content"] ?? object["prompt"] as? String ?? "", messages?.count ?? 1)
    let choice: [String: Any] =
      messages == nil ? ["text": text] : ["message": ["role": "assistant", "content": text]]
    let reply: [String: Any] = [
      "model": "scripted", "system_fingerprint": "fp", "choices": [choice],
      "usage": ["prompt_tokens": 10, "completion_tokens": 2],
    ]
    let data = (try? JSONSerialization.data(withJSONObject: reply)) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}
