import Diagnostics
import Files

/// A mistake in the content of an atlas; `description` is one line, or one for each of several mistakes.
package enum SiteError: Error, Equatable, CustomStringConvertible {
  /// An identifier that cannot be the name of a folder.
  case identifier(kind: String, id: String)
  /// Two models, properties … with one identifier, whatever its case: the page of the second would replace that of the
  /// first.
  case duplicatePage(path: String)
  case duplicateImage(set: String, id: String)
  /// A download with the name of another file of its page, or with a folder in its name.
  case fileName(page: String, name: String)
  case sectionWithoutPage(path: String, plugin: String, title: String, nearest: String?)
  case unknownModel(path: String, plugin: String, model: String, nearest: String?)
  case unknownImage(path: String, plugin: String, image: String, nearest: String?)
  /// A block that contradicts itself, such as a table with rows of different lengths.
  case block(plugin: String, subject: String, title: String, problem: String)
  case labelCount(model: String, labels: Int, heads: Int)
  /// All that is wrong with commentary, a line each.
  case commentary([CommentaryProblem])
  case missingTemplate(name: String, folder: String)
  case template(file: String, detail: String)
  case assetName(file: String)

  package var description: String {
    switch self {
    case .identifier(let kind, let id):
      "\(kind) \(quoted(id)): the identifier becomes the name of a folder; expected \(fileNameRule); rename it"
    case .duplicatePage(let path):
      "\(path): two pages of the atlas have this address, or differ in it only in case; rename one of what they show"
    case .duplicateImage(let set, let id):
      "image \(quoted(id)) is duplicated in the \(set) set; rename one of the files"
    case .fileName(let page, let name):
      "\(named(page)): \(quoted(name)) cannot be the name of a download; expected a file name that is not taken, of letters, digits, "
        + "- _ and ."
    case .sectionWithoutPage(let path, let plugin, let title, let nearest):
      "plugin \(quoted(plugin)): section \(quoted(title)) is for \(named(path)), which has no page"
        + suggestion(nearest)
    case .unknownModel(let path, let plugin, let model, let nearest):
      "plugin \(quoted(plugin)): a section of \(named(path)) belongs to model \(quoted(model)), which the atlas does "
        + "not have" + suggestion(nearest)
    case .unknownImage(let path, let plugin, let image, let nearest):
      "plugin \(quoted(plugin)): a section of \(named(path)) shows \(quoted(image)), which is in no image set"
        + suggestion(nearest)
    case .block(let plugin, let subject, let title, let problem):
      "plugin \(quoted(plugin)): section \(quoted(title)) of \(named(subject)): \(oneLine(problem))"
    case .labelCount(let model, let labels, let heads):
      "model \(quoted(model)): \(labels) labels, expected one for each of its \(heads) heads"
    case .commentary(let problems): problems.map(\.description).joined(separator: "\n")
    case .missingTemplate(let name, let folder):
      "\(folder)/\(name).mustache: no such file; restore it or name the folder of templates"
    case .template(let file, let detail):
      "\(file): not a mustache template: \(oneLine(detail))"
    case .assetName(let file):
      "\(file): not a name for a file of a site; expected letters, digits, - _ and . (not first)"
    }
  }
}

private func named(_ path: String) -> String { path.isEmpty ? "the atlas" : oneLine(path) }

private func suggestion(_ nearest: String?) -> String {
  guard let nearest else { return "" }
  return "; did you mean \(quoted(nearest))?"
}
