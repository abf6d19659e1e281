import Analysis
import Files

/// What a plugin gets of one model: hashed first, and written only where the plugin has to run.
struct PreparedEvidence {
  let model: String
  let title: String
  private let json: String
  private let tensors: [EvidenceTensors]
  /// Of all that the plugin can see of the model.
  let digest: String

  /// - Throws: `PluginProblem` where it asks for more than its limit, and what reading features and encoding texts throws.
  init(_ evidence: ModelEvidence, for plugin: ExternalPlugin, _ options: [String: OptionValue]) throws {
    (model, title) = (evidence.model, evidence.title)
    if let problem = plugin.excess(
      shape: evidence.shape, gallery: evidence.gallery.items.count, probe: evidence.probe.items.count)
    {
      throw problem
    }
    let encoded = plugin.encoded(with: options)
    tensors = try EvidenceTensors.files(of: evidence, for: plugin, encoding: encoded)
    let files = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.fileName) })
    json = try jsonText(
      EvidenceFile(evidence, needs: plugin.needs, encoded: encoded, patches: plugin.patches, files: files),
      isPretty: false)
    let hash = Hash(.sha256)
    hash.add(json)
    for file in tensors { try file.add(to: hash) }
    digest = hash.hexDigest()
  }

  /// Writes `evidence.json` and the files of tensors into a folder, which is made.
  ///
  /// - Throws: `FileError`, and what reading features throws.
  func write(to folder: String) throws {
    try makeFolder(folder)
    try writeFile(json.utf8, to: "\(folder)/evidence.json")
    for file in tensors { try file.write(to: folder) }
  }
}
