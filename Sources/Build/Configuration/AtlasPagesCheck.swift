import Analysis
import Diagnostics
import Files
import Foundation
import PluginHost
import Site

/// Holds commentary and `--only` against the pages and values that the atlas will have.
struct AtlasPagesCheck {
  private let configuration: AtlasConfiguration
  private let problems: ProblemList
  private let paths: [String]
  /// Where pages begin that nothing is known of.
  private let unknownFolders: [String]

  /// - Parameter lacking: the keys of the description that could not be read.
  init(_ configuration: AtlasConfiguration, lacking: Set<String>, _ problems: ProblemList) {
    self.configuration = configuration
    self.problems = problems
    paths = configuration.pagePaths()
    let folders = [
      "models": "model/", "properties": "property/", "gallery": "image/", "texts": "text/", "contrasts": "contrast/",
    ]
    unknownFolders = folders.filter { lacking.contains($0.key) }.map(\.value)
  }

  func run(only: String?) {
    if let only, unknownFolders.isEmpty { check(pattern: only) }
    if unknownFolders.isEmpty, !configuration.sections.isEmpty {
      let outline = configuration.outlineOfAtlas
      for ready in configuration.sections {
        guard let problem = outline.problem(of: ready.section) else { continue }
        problems.add(.reported("section \(quoted(ready.section.title)): \(problem)"), ready.file, nil)
      }
    }
    if unknownFolders.isEmpty { checkEvidence() }
    checkTexts()
    guard let folder = configuration.commentaryFolder else { return }
    let files = problems.attempt(folder, nil) { try commentaryFiles(in: folder) } ?? []
    let hasClaims = unknownFolders.isEmpty && files.contains { $0.source.contains("{{") }
    let keys = hasClaims ? configuration.possibleValueKeys(configuration.manifests) : nil
    for file in files { check(file, keys) }
  }

  /// Reads the templates and the pages of plugins that an atlas has of its own.
  private func checkTexts() {
    if let folder = configuration.templates, let own = try? templatesFolder() {
      problems.attempt(folder, nil) { try checkTemplates(SiteOptions(templates: own, overrides: folder)) }
    }
    guard let folder = configuration.pagesFolder else { return }
    for manifest in configuration.manifests {
      let file = "\(folder)/\(manifest.id).md"
      guard FileKind(of: file) != nil else { continue }
      problems.attempt(file, nil) { try readText(file, limit: longestWrittenText) }
    }
  }

  /// Holds what programs ask to be computed for them against their limits.
  private func checkEvidence() {
    for named in configuration.plugins.external {
      for model in configuration.models {
        let problem = named.plugin.excess(
          shape: model.shape, gallery: configuration.gallery.images.count, probe: configuration.probe.images.count)
        guard let problem else { continue }
        problems.add(.reported("of model \(oneLine(model.id)): \(problem)"), named.plugin.folder + "/plugin.yml", nil)
      }
    }
  }

  private func check(pattern: String) {
    let names = paths.map { $0.isEmpty ? "index" : $0 }
    guard !names.contains(where: { fnmatch(pattern, $0, 0) == 0 }) else { return }
    problems.add(.noMatch(pattern: pattern, nearest: nearestName(to: pattern, in: names)), nil, nil)
  }

  /// - Parameter keys: of values; nil where they are not known.
  private func check(_ commentary: SiteContent.Commentary, _ keys: Set<String>?) {
    let (file, path) = (commentary.file, commentary.subjectPath)
    if !paths.contains(path), !unknownFolders.contains(where: path.hasPrefix) {
      problems.add(.noPage(path: path, nearest: nearestName(to: path, in: paths)), file, 1)
    }
    let needs = commentary.needs()
    for problem in needs.problems { problems.add(.reported(problem.words), file, problem.line) }
    for (line, target, path) in needs.pages
    where !paths.contains(path) && !unknownFolders.contains(where: path.hasPrefix) {
      problems.add(.noLinkedPage(target: target, nearest: nearestName(to: path, in: paths)), file, line)
    }
    guard let keys else { return }
    for (line, key) in needs.keys where !keys.contains(key) {
      problems.add(.unknownValue(key: key, nearest: nearestName(to: key, in: keys.sorted())), file, line)
    }
  }
}

/// The files of a folder of commentary, by name, each with the page that its path says.
///
/// - Throws: `FileError`, `InputProblems` where names are not UTF-8.
func commentaryFiles(in root: String) throws -> [SiteContent.Commentary] {
  let tree = try FolderTree(of: root)
  guard tree.undecodable.isEmpty else {
    throw InputProblems(
      problems: tree.undecodable.prefix(10).map {
        InputProblem(file: "\(root)/\($0)", line: nil, fact: .undecodableName)
      })
  }
  return try tree.files.filter { $0.hasSuffix(".md") }.map { name in
    let path = String(name.dropLast(3))
    return .init(
      file: "\(root)/\(name)", subjectPath: path == "index" ? "" : path,
      source: try readText("\(root)/\(name)", limit: longestWrittenText))
  }
}
