import Diagnostics
import Files
import HTTP

/// How a language model is asked.
package enum ModelInterface: String, Sendable, CaseIterable {
  /// Messages in, a message out.
  case chat
  /// A text in, how it goes on out: for models that were not taught to answer.
  case completions

  var path: String { self == .chat ? "/chat/completions" : "/completions" }
}

/// How a server is told what an answer must look like, from the strictest on.
package enum AnswerFormat: String, Sendable, CaseIterable {
  case jsonSchema = "json_schema"
  case jsonObject = "json_object"
  case plain

  /// What is tried where a server does not take this one.
  var next: AnswerFormat? {
    switch self {
    case .jsonSchema: .jsonObject
    case .jsonObject: .plain
    case .plain: nil
    }
  }
}

/// A language model behind an OpenAI-compatible server, and the settings that its answers depend on.
package struct ModelEndpoint: Sendable, Equatable {
  /// The address that requests go to; without any secret.
  package let address: HTTPAddress
  package let model: String
  package let interface: ModelInterface
  package let temperature: Double
  /// How many of the likeliest tokens are asked for with the first one of an answer; 0 for none.
  package let logProbabilities: Int
  /// Tokens that an answer may have.
  package let longestAnswer: Int

  /// - Parameter url: with or without the path of the interface behind it.
  /// - Throws: `EndpointFault`.
  package init(
    url: String, model: String, interface: ModelInterface, temperature: Double = 0, logProbabilities: Int = 0,
    longestAnswer: Int? = nil
  ) throws(EndpointFault) {
    // A key may stand in either, and would be written with the address.
    if url.contains("@") || url.contains("?") || url.contains("#") { throw .secrets }
    var base = url
    while base.hasSuffix("/") { base.removeLast() }
    if !base.hasSuffix(interface.path) { base += interface.path }
    guard let address = HTTPAddress(base) else { throw .badAddress(url) }
    self.address = address
    self.model = model
    self.interface = interface
    self.temperature = temperature
    self.logProbabilities = logProbabilities
    self.longestAnswer = longestAnswer ?? (interface == .chat ? 300 : 12)
  }
}

/// Why an address is none that a model can be asked at.
package enum EndpointFault: Error, Equatable, CustomStringConvertible {
  case badAddress(String)
  case secrets

  package var description: String {
    switch self {
    case .badAddress(let url): "\(quoted(url)), expected an address such as http://127.0.0.1:8080/v1"
    case .secrets:
      "an address with a user, a query or a fragment, which are written with every reply; put the key into an environment "
        + "variable and name it under key"
    }
  }
}
