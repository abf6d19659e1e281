import Diagnostics

/// What a run has done so far.
package struct AskReport: Sendable, Equatable {
  /// Questions, and how many of them are finished, answered or not.
  package let total: Int
  package internal(set) var done = 0
  /// Replies that came and were kept.
  package internal(set) var replies = 0
  /// Requests that were sent.
  package internal(set) var attempts = 0
  /// By the server's counts.
  package internal(set) var tokensIn = 0
  package internal(set) var tokensOut = 0
  /// Questions that have no answer yet.
  package internal(set) var open: [Open] = []

  package struct Open: Sendable, Equatable {
    package let name: String
    package let reason: String
  }

  init(total: Int) { self.total = total }
}

/// Why asking on is of no use.
package enum AskFault: Error, Equatable, CustomStringConvertible {
  /// The key, the account or its money.
  case refused(String, Int, String)
  case rejected(String, Int, String)

  var reason: String {
    switch self {
    case .refused(_, let status, let words), .rejected(_, let status, let words):
      "status \(status)" + (words.isEmpty ? "" : ": \(words)")
    }
  }

  package var description: String {
    switch self {
    case .refused(let url, _, _):
      "\(oneLine(url)): \(reason); check the key, the account and what it may use. What came is kept: run it again to go on"
    case .rejected(let url, _, _):
      "\(oneLine(url)): several requests in a row were refused, the last with \(reason); check the address, the model's name "
        + "and the settings"
    }
  }
}
