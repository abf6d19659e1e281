import Analysis
import Files
import Foundation

/// Makes a program of an analysis that is written in Swift.
public enum HeadAtlasPlugin {
  /// Answers the request on standard input with what the analysis finds, and ends the program.
  ///
  /// What the program's `plugin.yml` does not need is empty in the evidence: the gallery is there with `gallery`, `gallery-heads`,
  /// `gallery-mlps`, `gallery-embeddings` and `caption-embeddings`, the probe set with `probe`, `probe-heads` and
  /// `probe-embeddings`, texts and the pool with their embeddings. Moments, attention, MLPs of the probe set, patch scores, and
  /// embeddings of texts that stand in no file are an error to ask for.
  public static func main(_ plugin: some AnalysisPlugin) -> Never {
    do {
      let request = try FileHandle.standardInput.readToEnd() ?? Data()
      try answer(plugin, request: Array(request)) { line in
        try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
      }
      exit(0)
    } catch {
      try? FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
      exit(1)
    }
  }

  /// - Throws: what reading the evidence throws, and what the plugin does.
  package static func answer(
    _ plugin: some AnalysisPlugin, request: [UInt8], _ write: (String) throws -> Void
  ) throws {
    let lines = request.split(separator: UInt8(ascii: "\n"))
    try PluginVersion.check(lines.first ?? [])
    try write(PluginVersion.line)
    let json = try JSONValue(json: lines.count > 1 ? Array(lines[1]) : [])
    let models = try json.items("models").map { try ModelEvidence(folder: $0.text("evidence")) }
    let results = try plugin.results(for: models, options: options(plugin.manifest, json["options"]))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.userInfo = Cell.withDecimals
    for section in results.sections {
      try write(String(decoding: try encoder.encode(["section": section]), as: UTF8.self))
    }
    if !results.values.isEmpty { try write(try jsonText(["values": results.values], isPretty: false)) }
    try write(#"{"end":true}"#)
  }

  private static func options(_ manifest: PluginManifest, _ json: JSONValue?) -> [String: OptionValue] {
    var options = manifest.defaultOptions
    for option in manifest.options {
      guard let value = json?[option.name] else { continue }
      options[option.name] =
        switch option.kind {
        case .number(let usual, _): .number(value.whole ?? usual)
        case .text(let usual, _): .text(value.string ?? usual)
        case .isOn: .isOn(value.isTrue)
        case .texts: .texts(value.items.compactMap(\.string))
        case .file: .file(value.string)
        }
    }
    return options
  }
}
