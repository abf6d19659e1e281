import Diagnostics
import Metrics
import Site

/// What can go wrong between a right configuration and a finished site, and in other commands, in facts; `description`
/// words each on one line.
///
/// What is wrong with the files that describe an atlas is an `InputProblem`.
package enum BuildError: Error, Equatable, CustomStringConvertible {
  /// `found` says what else is there, nil for an empty folder.
  case noImages(folder: String, found: String?)
  /// A file that neither holds nor lists images; the last are names of the column with paths.
  case noImageSet(path: String, found: String, [String])
  /// A column that was chosen and is not there.
  case noColumn(path: String, name: String, nearest: String?, columns: [String])
  /// Two archives of one set whose names are the same, where images are told apart by them.
  case sameArchiveName(first: String, second: String)
  /// Images that cannot be read and masks that cannot be used, a line each; `count` where there are more. `option` says how
  /// to go on without them.
  case unreadableImages([String], count: UnreadableCount, option: String)
  /// Two images of one file name, where rows are told apart by it.
  case sameFileName(first: String, second: String)
  /// The output folder holds something that HeadAtlas did not write.
  case foreignFolder(path: String)
  /// A site whose own files cannot be told from others.
  case unlistedSite(path: String)
  /// What lies beside the output under a name that builds use, and is none of theirs.
  case foreignLeftover(path: String)
  /// Something in the site that headatlas did not write, where the new site has a file or folder of its own.
  case keptFile(path: String)
  /// The folder to be replaced is the working folder, or holds it.
  case workingFolder(path: String)
  case brokenLink(path: String)
  /// Some pages are to be written into a site that is not there.
  case noSite(path: String)
  case busy(path: String)
  case interrupted
  /// A model that was named in a way that nothing answers to.
  case model(String, String)
  case noLayer(Int, layers: Int)
  /// An image that was replaced while the build ran.
  case changedImage(String)
  case plugin(id: String, model: String?, problem: String)
  /// Why a plugin to begin with cannot be written.
  case newPlugin(String)
  /// Why an atlas to begin with cannot be written.
  case newAtlas(String)
  /// A file of moments that cannot be used.
  case moments(file: String, problem: MomentsProblem)
  case notJSON(file: String, expected: String)
  case judgementsWithoutLabels(file: String, model: String, labels: String)
  case labels(file: String, model: String, LabelReportError)
  /// SOURCE_DATE_EPOCH.
  case sourceDate(String)
  /// What `headatlas check` would find in a site that was built with `--strict`.
  case siteProblem(SiteProblem)

  package var description: String {
    switch self {
    case .changedImage(let path): "\(path): the image changed while the atlas was built; build it again"
    case .noImages(let folder, let found):
      "\(folder): no images, expected PNG, JPEG or WebP files; found \(found ?? "an empty folder")"
    case .noImageSet(let path, let found, let columns):
      "\(path): found \(found), expected a folder of images, or a file that holds or lists them: a tar archive, a table or JSON "
        + "Lines with their paths under \(columns.map(quoted).joined(separator: " or ")), or COCO captions; another column is "
        + "named by columns: {file: NAME}"
    case .noColumn(let path, let name, let nearest, let columns):
      "\(path): no column \(quoted(name))"
        + (nearest.map { ", did you mean \(quoted($0))?" }
          ?? ", expected one of \(columns.prefix(10).map(quoted).joined(separator: ", "))")
    case .sameArchiveName(let first, let second):
      "\(second): another archive of that name is in the set, \(first); images of several archives are told apart by the "
        + "archives' names: rename one of the two"
    case .unreadableImages: lines.joined(separator: "\n")
    case .sameFileName(let first, let second):
      "\(second): another image of that name is given, \(first); rows are told apart by file names"
    case .foreignFolder(let path):
      "\(path): not empty and not a site that headatlas wrote; choose another --output or remove the folder yourself"
    case .unlistedSite(let path):
      "\(path): a site of an older headatlas, without a list of the files that it wrote; move your own files out, if any, "
        + "and remove the folder yourself"
    case .foreignLeftover(let path):
      "\(path): not a folder that headatlas left behind, and a build needs its name; rename it, or choose another --output"
    case .keptFile(let path):
      "\(path): not written by headatlas, and the new site has something else of that name; rename it or remove it"
    case .workingFolder(let path):
      "--output \(path): the working folder is in it, and a build replaces the folder; run it from outside, "
        + "with --config and --output as seen from there"
    case .brokenLink(let path): "\(path): a link that leads nowhere; make the folder that it names, or remove it"
    case .noSite(let path): "\(path): no site to write some pages into; build all of it first, without --only"
    case .busy(let path): "\(path): another headatlas is building here; wait for it to end"
    case .interrupted: "interrupted; the old site is untouched and finished work is cached: run the command again"
    case .model(let name, let problem): "model \(quoted(name)): \(problem)"
    case .noLayer(let layer, let layers): "layer \(layer), expected layers 0 to \(layers - 1) of this model"
    case .plugin(let id, let model, let problem):
      "plugin \(id)" + (model.map { ", model \($0)" } ?? "") + ": \(problem)"
    case .newPlugin(let problem): "a new plugin: \(problem)"
    case .newAtlas(let problem): "a new atlas: \(problem)"
    case .moments(let file, let problem): "\(file): \(problem)"
    case .notJSON(let file, let expected): "\(file): not the JSON that was expected, \(expected)"
    case .judgementsWithoutLabels(let file, let model, let labels):
      "\(file): model \(quoted(model)) has no labels in \(labels)"
    case .labels(let file, let model, let error): "\(file): model \(quoted(model)): \(error)"
    case .sourceDate(let text):
      "SOURCE_DATE_EPOCH is \(quoted(text)), expected a whole number of seconds since 1970; correct it or unset it"
    case .siteProblem(let problem): "\(problem) (--strict)"
    }
  }

  /// The description by lines, of which only unreadable images have several.
  package var lines: [String] {
    guard case .unreadableImages(let named, let count, let option) = self else { return [description] }
    let rest = count.all > named.count ? ["… and \(count.all - named.count) more"] : []
    return named + rest + [
      "\(count) cannot be \(count.verb); replace or remove \(count.all == 1 ? "it" : "them"), or \(option)"
    ]
  }
}

/// What is wrong with a file of moments.
package enum MomentsProblem: Equatable, Sendable, CustomStringConvertible {
  /// It is of another model, or no file of moments.
  case ofAnother
  case damaged

  package var description: String {
    switch self {
    case .ofAnother:
      "no moments of this model, expected a file that headatlas moments or merge wrote for the same weights"
    case .damaged: "the numbers are not those that were written; write the file again"
    }
  }
}
