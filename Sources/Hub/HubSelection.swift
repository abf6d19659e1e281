import Checkpoints
import Files
import Foundation

/// Which files of a repository are wanted.
package struct HubSelection: Equatable, Sendable {
  /// All that are there; one must be.
  package let configurations: [String]
  /// All that are there.
  ///
  /// May have the wildcards of a shell, which never match a slash.
  package let companions: [String]
  /// The first that is there, whole or in parts `NAME-00001-of-00002.EXTENSION`; one must be.
  package let weights: [String]

  package init(configurations: [String], companions: [String], weights: [String]) {
    self.configurations = configurations
    self.companions = companions
    self.weights = weights
  }

  /// All that a CLIP model needs.
  ///
  /// Formats that run no code when read come first.
  package static let model = HubSelection(
    configurations: ["open_clip_config.json", "config.json"],
    companions: [
      "preprocessor_config.json", "processor_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
      "merges.txt",
      "special_tokens_map.json", "*bpe*.txt.gz",
    ],
    weights: WeightFiles.names)

  /// The files to fetch out of those that are there, weights last.
  /// - Throws: `HubError.nothingToFetch`, `HubError.missingShards`.
  func choose(from names: [String], of location: HubLocation) throws(HubError) -> [String] {
    let names = Set(names).sorted()
    let found = names.filter(configurations.contains)
    guard !found.isEmpty || configurations.isEmpty else {
      throw .nothingToFetch(location, kind: "configuration", expected: configurations)
    }
    let others = names.filter { name in
      !found.contains(name) && companions.contains { fnmatch($0, name, FNM_PATHNAME) == 0 }
    }
    guard !weights.isEmpty else { return found + others }
    for name in weights {
      if names.contains(name) { return found + others + [name] }
      let parts = try shards(of: name, among: names, of: location)
      if !parts.isEmpty { return found + others + names.filter { $0 == WeightFiles.index(of: name) } + parts }
    }
    throw .nothingToFetch(location, kind: "weights", expected: weights)
  }

  /// The parts of weights called `name`, in order; none where there are none.
  private func shards(
    of name: String, among names: [String], of location: HubLocation
  ) throws(HubError) -> [String] {
    let (stem, ending) = nameAndExtension(name)
    let parts = names.filter {
      fnmatch("\(stem)-[0-9][0-9][0-9][0-9][0-9]-of-[0-9][0-9][0-9][0-9][0-9].\(ending)", $0, FNM_PATHNAME) == 0
    }
    guard let first = parts.first, let count = Int(first.dropLast(ending.utf8.count + 1).suffix(5)) else { return [] }
    let total = String(format: "%05d", count)
    let expected = (1...max(1, count)).map { "\(stem)-\(String(format: "%05d", $0))-of-\(total).\(ending)" }
    let whole = expected.filter(parts.contains)
    guard whole.count == count else {
      throw .missingShards(location, first: first, found: whole.count, expected: count)
    }
    return whole
  }
}
