import Diagnostics
import Foundation

/// Why an answer did not come whole where another attempt may bring it.
package enum TransientFailure: Error, Equatable, CustomStringConvertible {
  /// No connection, or one that broke, in libcurl's words.
  case connection(String)
  case stalled(seconds: Double)
  /// The server says that it cannot answer now.
  case status(Int, retryAfter: Double? = nil)
  case incomplete(found: Int, expected: Int)
  /// The answer came whole and is not what was asked for, in words.
  case unusable(String)

  package var description: String {
    switch self {
    case .connection(let reason): oneLine(reason)
    case .stalled(let seconds): "nothing came for \(seconds.formatted()) s"
    case .status(let status, _): "status \(status)"
    case .unusable(let reason): oneLine(reason)
    case .incomplete(let found, let expected): "the answer ended after \(found) of \(expected) bytes"
    }
  }

  /// Seconds the server asks to be left alone.
  var pause: Double? {
    if case .status(_, let retryAfter) = self { retryAfter } else { nil }
  }
}

/// Why there is no answer, where another attempt would not bring one; `description` words each on one line.
package enum HTTPError: Error, Equatable, CustomStringConvertible {
  case badAddress(String)
  /// A header that would break the request, by name; its value may be a secret.
  case badField(String)
  case badRedirect(url: String, location: String)
  case tooManyRedirects(url: String, limit: Int)
  case tooLong(url: String, limit: Int)
  /// The last of some attempts failed too.
  case unreachable(url: String, TransientFailure, attempts: Int)

  package var description: String {
    switch self {
    case .badAddress(let text): "\(quoted(text)): no address, expected one such as https://example.org/path"
    case .badField(let name): "the header \(quoted(name)) has a line break or is no text; check where its value is from"
    case .badRedirect(let url, let location):
      "\(url): redirected to \(quoted(location)), expected another http or https address, no less secure"
    case .tooManyRedirects(let url, let limit): "\(url): redirected more than \(limit) times"
    case .tooLong(let url, let limit): "\(url): an answer of more than \(limit) bytes"
    case .unreachable(let url, let failure, let attempts):
      "\(url): no answer after \(counted(attempts, "attempt")): \(failure); check the network, or try again later"
    }
  }
}
