import Foundation

/// A model repository of a hub and a revision of it: a branch, a tag or a commit.
package struct HubLocation: Equatable, Sendable, CustomStringConvertible {
  /// `org/name`, or `name` alone for the few repositories without an owner.
  package let repository: String
  package let revision: String

  package static let standardRevision = "main"

  /// - Throws: `HubError.badName` where a name could not be one of a hub, or would leave its folder on the disk.
  package init(repository: String, revision: String = standardRevision) throws(HubError) {
    if let problem = Self.problem(inRepository: repository) {
      throw .badName(repository, problem: problem, expected: "a repository such as org/name")
    }
    if let problem = problemInRelativePath(revision) {
      throw .badName(revision, problem: problem, expected: "a branch, a tag or a commit")
    }
    self.repository = repository
    self.revision = revision
  }

  /// Parses `org/name` or `org/name@revision`.
  package init(_ text: String) throws(HubError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    try self.init(repository: parts[0], revision: parts.count > 1 ? parts[1] : Self.standardRevision)
  }

  package var description: String { "\(repository)@\(revision)" }

  /// The name of the repository's folder in the cache.
  var folderName: String { (["models"] + repository.split(separator: "/").map(String.init)).joined(separator: "--") }

  /// The hub's own rules, so that a name is refused before it is asked for.
  private static func problem(inRepository text: String) -> String? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return "it has more than one slash" }
    let edges: Set<UInt8> = [UInt8(ascii: "-"), UInt8(ascii: ".")]
    for part in parts {
      guard let first = part.utf8.first, let last = part.utf8.last else { return "a part of it is empty" }
      guard part.utf8.count <= 96 else { return "a part of it is longer than 96 letters" }
      guard part.utf8.allSatisfy({ isLetterOrDigit($0) || "-_.".utf8.contains($0) }) else {
        return "it has other signs than letters, digits, '-', '_' and '.'"
      }
      guard !edges.contains(first), !edges.contains(last) else { return "a part of it begins or ends with '-' or '.'" }
    }
    guard !text.contains("--"), !text.contains("..") else { return "it has '--' or '..'" }
    return text.hasSuffix(".git") ? "it ends with '.git'" : nil
  }
}

/// What would let a path leave the folder it is under, or not be a path at all; nil where it is good.
func problemInRelativePath(_ path: String) -> String? {
  guard !path.isEmpty else { return "it is empty" }
  guard path.utf8.count <= 1024 else { return "it is longer than 1024 bytes" }
  guard path.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
    return "it has a control character"
  }
  // By bytes: a slash with an accent on it is another Character, but the same slash to the system.
  for part in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
    if part.isEmpty { return "a part of its path is empty" }
    if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) { return "a part of its path is '.' or '..'" }
  }
  return nil
}

/// Whether a text is the full name of a commit, which never moves.
func isCommit(_ text: String) -> Bool { isHexadecimal(text, digits: 40) }

func isHexadecimal(_ text: String, digits: Int) -> Bool {
  text.utf8.count == digits && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}
