import Analysis
import Files
import Foundation

/// A plugin that is a program of its own, as its `plugin.yml` describes it.
package struct ExternalPlugin: Sendable {
  /// For which models it is started.
  package enum Models: String, Sendable, CaseIterable {
    /// Once for each model.
    case each
    /// Once for all models of the atlas together.
    case all
  }

  package struct Limits: Sendable, Equatable {
    /// Seconds from start to end.
    package var seconds: Int
    /// Megabytes of address space of each of its processes.
    package var memory: Int
    /// Megabytes on standard output, and of each file that it writes.
    package var output: Int
    /// Megabytes of what is computed for it of one model.
    package var evidence: Int

    package init(seconds: Int = 600, memory: Int = 4096, output: Int = 64, evidence: Int = 4096) {
      (self.seconds, self.memory, self.output, self.evidence) = (seconds, memory, output, evidence)
    }
  }

  /// Patch scores that it gets.
  package struct Patches: Sendable, Equatable {
    package enum Heads: String, Sendable, CaseIterable {
      /// A map for each head.
      case each
      /// One map, the sum over all heads.
      case sum
    }
    package let texts: [String]
    package let images: ImageReference.Origin
    package let heads: Heads

    package init(texts: [String], images: ImageReference.Origin = .gallery, heads: Heads = .each) {
      (self.texts, self.images, self.heads) = (texts, images, heads)
    }
  }

  package let manifest: PluginManifest
  /// The folder of its `plugin.yml`.
  package let folder: String
  /// The program and its arguments.
  package let command: [String]
  package let models: Models
  /// The kinds of pages that it has sections for; empty for any.
  package let subjects: [String]
  package let needs: Set<EvidenceNeed>
  /// Texts of its own whose embeddings it gets.
  package let encoded: [String]
  /// The options whose texts' embeddings it gets as well.
  package let encodedOptions: Set<String>
  /// Nil where it gets none.
  package let patches: Patches?
  package let limits: Limits

  package init(
    manifest: PluginManifest, folder: String, command: [String], models: Models = .each, subjects: [String] = [],
    needs: Set<EvidenceNeed> = [], encoded: [String] = [], encodedOptions: Set<String> = [], patches: Patches? = nil,
    limits: Limits = Limits()
  ) {
    self.manifest = manifest
    self.folder = folder
    self.command = command
    self.models = models
    self.subjects = subjects
    self.needs = needs
    self.encoded = encoded
    self.encodedOptions = encodedOptions
    self.patches = patches
    self.limits = limits
  }

  /// The texts whose embeddings it gets, each once: its own, then those of options.
  func encoded(with options: [String: OptionValue]) -> [String] {
    var seen: Set<String> = []
    let chosen = manifest.options.filter { encodedOptions.contains($0.name) }.flatMap { option -> [String] in
      switch options[option.name] {
      case .texts(let texts): texts
      case .text(let text): text.isEmpty ? [] : [text]
      case .number, .isOn, .file, nil: []
      }
    }
    return (encoded + chosen).filter { seen.insert($0).inserted }
  }

  /// The command with the paths of what it names in the plugin's folder: the program runs elsewhere.
  var words: [String] {
    let root = realPath(folder) ?? folder
    return command.map { word in
      let path = resolve(word, in: root)
      return !word.hasPrefix("-") && FileKind(of: path) == .file ? path : word
    }
  }

  /// The files that it consists of, by their names: those in its folder apart from what is hidden and from what Python keeps of its own,
  /// and those that its command names, where a program that was built may lie in a hidden folder.
  ///
  /// - Throws: `FileError`.
  package func files() throws -> [(name: String, path: String)] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    let own = names.filter { name in
      !name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__pycache__" }
    }.map { (name: $0, path: "\(folder)/\($0)") }
    let named = words.filter { $0.hasPrefix("/") }.map { (name: "", path: $0) }
    return (own + named).filter { FileKind(of: $0.path) == .file }
  }

  /// A hash of its files with their names.
  ///
  /// - Throws: `FileError`.
  package func digest() throws -> String {
    var hash = JoinedDigest(separator: "\n")
    for (name, path) in try files() {
      hash.add((name.isEmpty ? "" : "\(name.utf8.count) \(name) ") + (try hexDigest(ofFile: path)))
    }
    return hash.hexDigest
  }
}
