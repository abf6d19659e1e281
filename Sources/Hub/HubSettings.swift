import Files
import Foundation
import HTTP

/// What the environment says about the hub, read as `huggingface_hub` reads it.
package struct HubSettings: Sendable {
  package let cache: HubCache
  /// Without a slash at its end.
  package let endpoint: String
  /// Sent to the endpoint only.
  let token: String?
  /// The variable that forbids every request; nil where they are allowed.
  package let offlineVariable: String?

  package static let standardEndpoint = "https://huggingface.co"

  /// An empty variable counts as unset.
  /// - Throws: `HubError.badEndpoint`, `HubError.badToken`.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(HubError) {
    let environment = environment.filter { !$0.value.isEmpty }
    let expand = { (path: String) in expanded(path, environment: environment) }
    let home = expand(
      environment["HF_HOME"] ?? (environment["XDG_CACHE_HOME"] ?? expand("~/.cache")) + "/huggingface")
    let folder = environment["HF_HUB_CACHE"] ?? environment["HUGGINGFACE_HUB_CACHE"]
    cache = HubCache(root: folder.map(expand) ?? home + "/hub")
    endpoint = try Self.endpoint(environment["HF_ENDPOINT"] ?? Self.standardEndpoint)
    token = try Self.token(environment, file: expand(environment["HF_TOKEN_PATH"] ?? home + "/token"))
    offlineVariable = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].first { environment[$0] != nil }
      .flatMap { isTrue(environment[$0]) ? $0 : nil }
  }

  private static func endpoint(_ text: String) throws(HubError) -> String {
    let trimmed = String(text.reversed().drop { $0 == "/" }.reversed())
    guard HTTPAddress(trimmed) != nil, !trimmed.contains("?"), !trimmed.contains("#") else { throw .badEndpoint(text) }
    return trimmed
  }

  private static func token(_ environment: [String: String], file: String) throws(HubError) -> String? {
    guard !isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) else { return nil }
    let variables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].map { ($0, environment[$0]) }
    let sources = variables + [(file, try? readText(file))]
    for case (let source, let text?) in sources {
      let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !token.isEmpty else { continue }
      guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .badToken(source: source) }
      return token
    }
    return nil
  }
}

private func isTrue(_ value: String?) -> Bool { ["1", "ON", "YES", "TRUE"].contains(value?.uppercased()) }

/// `~`, `~user`, `$NAME` and `${NAME}` replaced; unknown ones stay.
///
/// The result is an absolute path.
private func expanded(_ path: String, environment: [String: String]) -> String {
  let name = /\$(?:([A-Za-z0-9_]+)|\{([^}]*)\})/
  let path = expandingHome(path, environment: environment).replacing(name) { match in
    environment[String(match.1 ?? match.2 ?? "")] ?? String(match.0)
  }
  return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
