import Diagnostics
import Files
import HTTP

/// What can go wrong between a name and a snapshot on the disk, in facts; `description` words each on one line.
package enum HubError: Error, Equatable, CustomStringConvertible {
  case badName(String, problem: String, expected: String)
  case badEndpoint(String)
  case badToken(source: String)
  case file(FileError)
  case http(HTTPError)
  /// Nothing may be asked for, and what is there is not whole.
  case offline(HubLocation, cache: String, because: String)
  case noRepository(HubLocation, endpoint: String, tokenSent: Bool)
  case noRevision(HubLocation, endpoint: String)
  case noFile(HubLocation, file: String)
  case gated(HubLocation, endpoint: String, tokenSent: Bool)
  case denied(HubLocation, status: Int, message: String?, tokenSent: Bool)
  case unexpectedStatus(url: String, status: Int)
  case malformedListing(url: String, problem: String)
  case unsafeName(HubLocation, file: String, problem: String)
  /// The repository has none of the files of which one is needed.
  case nothingToFetch(HubLocation, kind: String, expected: [String])
  case missingShards(HubLocation, first: String, found: Int, expected: Int)
  case missingHeader(url: String, header: String)
  /// Neither a sha256 nor a git hash: what comes could not be checked.
  case unverifiable(file: String, etag: String)
  /// Two answers of the hub do not fit together.
  case contradiction(file: String, part: String, found: String, expected: String)
  case wrongSize(file: String, found: Int, expected: Int)
  case wrongHash(file: String, kind: String, found: String, expected: String)
  case wrongRange(file: String, found: String, expected: Int)

  package var description: String {
    switch self {
    case .badName(let name, let problem, let expected): "\(quoted(name)): \(problem); expected \(expected)"
    case .badEndpoint(let found):
      "HF_ENDPOINT is \(quoted(found)), expected an address such as \(HubSettings.standardEndpoint); set or unset it"
    case .badToken(let source):
      "\(source): the token has spaces or signs that no token has; log in again or write it there anew"
    case .file(let error): "\(error)"
    case .http(.unreachable(let url, let failure, let attempts)):
      "\(HTTPError.unreachable(url: url, failure, attempts: attempts)): what has come is kept"
    case .http(let error): "\(error); check HF_ENDPOINT and the proxy"
    case .offline(let location, let cache, let variable):
      "\(location): not whole in \(cache), and \(variable) forbids to fetch it; unset it, or fetch the model elsewhere "
        + "and copy it there"
    case .noRepository(let location, let endpoint, let tokenSent):
      "\(location.repository): no such model at \(endpoint), or a private one; check the name, which is ORG/NAME, or "
        + tokenAdvice(tokenSent)
    case .noRevision(let location, let endpoint):
      "\(location.repository): no revision \(quoted(location.revision)) at \(endpoint); name a branch, a tag or a full "
        + "commit, or leave it out for \(HubLocation.standardRevision)"
    case .noFile(let location, let file):
      "\(location): the hub lists \(quoted(file)) but does not have it; fetch again, or name another revision"
    case .gated(let location, let endpoint, let tokenSent):
      "\(location.repository): given only to those who accept its terms; accept them at "
        + "\(endpoint)/\(location.repository), and " + tokenAdvice(tokenSent)
    case .denied(let location, let status, let message, let tokenSent):
      "\(location.repository): status \(status)\(message.map { ", \(quoted($0))" } ?? ""): not there, or not for "
        + "you; check the name, and " + tokenAdvice(tokenSent)
    case .unexpectedStatus(let url, let status):
      "\(url): status \(status), expected 200; check HF_ENDPOINT, or try again later"
    case .malformedListing(let url, let problem):
      "\(url): no list of files: \(problem); check HF_ENDPOINT and the proxy"
    case .unsafeName(let location, let file, let problem):
      "\(location): a file named \(quoted(file)): \(problem); nothing is fetched from such a repository"
    case .nothingToFetch(let location, let kind, let expected):
      "\(location): no \(kind), expected one of \(expected.joined(separator: ", ")); name another repository or revision"
    case .missingShards(let location, let first, let found, let expected):
      "\(location): \(found) of the \(expected) parts that \(quoted(first)) belongs to; name another revision"
    case .missingHeader(let url, let header):
      "\(url): an answer without \(header), so no hub's; check HF_ENDPOINT and the proxy"
    case .unverifiable(let file, let etag):
      "\(file): ETag \(quoted(etag)), expected a sha256 or a git hash to check it by; check HF_ENDPOINT"
    case .contradiction(let file, let part, let found, let expected):
      "\(file): \(part) \(quoted(found)), expected \(quoted(expected)) as listed; fetch again"
    case .wrongSize(let file, let found, let expected):
      "\(file): \(found) bytes came, expected \(expected); what came is removed: fetch again"
    case .wrongHash(let file, let kind, let found, let expected):
      "\(file): \(kind) \(found), expected \(expected); what came is removed: fetch again"
    case .wrongRange(let file, let found, let expected):
      "\(file): asked for the bytes from \(expected), the answer says \(quoted(found)); fetch again or check the proxy"
    }
  }

  private func tokenAdvice(_ tokenSent: Bool) -> String {
    tokenSent ? "check that the token of HF_TOKEN may read it" : "set HF_TOKEN to a token that may read it"
  }
}

/// What a caller may want to tell of a fetch that went well.
package enum HubNote: Equatable, Sendable, CustomStringConvertible {
  /// The hub did not answer; the snapshot that was there is used, and may not be the newest.
  case usedWhatWasThere(HubLocation, commit: String, reason: String)

  package var description: String {
    switch self {
    case .usedWhatWasThere(let location, let commit, let reason):
      "\(location): using commit \(commit) from the cache, perhaps not the newest: \(reason)"
    }
  }
}
