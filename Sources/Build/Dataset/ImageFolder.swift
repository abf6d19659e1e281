import Diagnostics
import Files
import Images

/// What is in a folder of images: the images by their content, and what is left out with the reason.
///
/// The one place that lists images. No file is read but for its first bytes, and nothing but regular files is opened.
struct ImageFolder: Sendable {
  /// Why something in the folder is no image that is read.
  enum Reason: Hashable, Sendable {
    case hidden, folder, notRegular, deadLink, undecodableName, other(OtherFormat), unknown
  }

  let path: String
  /// The images' file names, in ascending order.
  ///
  /// Files that are named as images are among them even where they are empty, damaged or may not be read: an image that is
  /// lost is not passed over in silence.
  let names: [String]
  /// What is left out, by file name.
  let leftOut: [String: Reason]
  /// File names of each reason, in ascending order.
  private let groups: [(reason: Reason, names: [String])]

  /// Extensions by which a file is taken for an image whatever its content.
  private static let extensions: Set<String> = ["png", "jpg", "jpeg", "jfif", "jpe", "webp"]

  /// - Throws: `FileError` where the folder cannot be read, `BuildError.noImages`.
  init(_ path: String) throws {
    let listed = try FolderNames(of: path)
    var names: [String] = []
    var groups: [Reason: [String]] = [:]
    for name in listed.names {
      if let reason = Self.reason(against: name, in: path) {
        groups[reason, default: []].append(name)
      } else {
        names.append(name)
      }
    }
    leftOut = Dictionary(
      groups.flatMap { reason, names in names.map { ($0, reason) } }, uniquingKeysWith: { first, _ in first })
    if !listed.undecodable.isEmpty { groups[.undecodableName] = listed.undecodable }
    self.path = path
    self.names = names
    self.groups = groups.map { ($0, $1) }.sorted { $0.reason.order < $1.reason.order }
    guard !names.isEmpty else { throw BuildError.noImages(folder: path, found: Self.hint(self.groups)) }
  }

  /// Why a file is left out; nil for an image.
  private static func reason(against name: String, in folder: String) -> Reason? {
    if name.hasPrefix(".") { return .hidden }
    let path = folder + "/" + name
    switch FileKind(of: path) {
    case .file: break
    case .folder: return .folder
    case .pipe, .device, .link: return .notRegular
    case nil: return .deadLink
    }
    let isNamedSo = extensions.contains(nameAndExtension(name).suffix.lowercased())
    guard let start = try? readStart(of: path, count: FileContent.sample) else { return isNamedSo ? nil : .unknown }
    return switch FileContent(start) {
    case .png, .jpeg, .webp: nil
    case .other(let format): .other(format)
    case .nothing, .unknown: isNamedSo ? nil : .unknown
    }
  }

  /// One line on what is left out; nil where nothing is.
  var remark: String? {
    guard !groups.isEmpty else { return nil }
    return "\(path): \(counted(names.count, "image")); left out " + Self.list(groups)
  }

  private static func list(_ groups: [(reason: Reason, names: [String])]) -> String {
    groups.map { reason, names in reason.words(names) }.joined(separator: ", ")
  }

  /// What there is in a folder without images, and what to do; nil where it is empty.
  private static func hint(_ groups: [(reason: Reason, names: [String])]) -> String? {
    guard !groups.isEmpty else { return nil }
    let isFolders =
      groups.contains { $0.reason == .folder } && groups.allSatisfy { [.folder, .hidden].contains($0.reason) }
    return list(groups) + (isFolders ? "; images in folders of a folder are not read yet: name one of the folders" : "")
  }
}

/// `1 image`, `2 images`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension ImageFolder.Reason {
  /// The place in a list of reasons.
  fileprivate var order: Int {
    switch self {
    case .hidden: 0
    case .other(let format): 1 + (OtherFormat.allCases.firstIndex(of: format) ?? 0)
    case .unknown: 100
    case .folder: 101
    case .notRegular: 102
    case .deadLink: 103
    case .undecodableName: 104
    }
  }

  /// How many there are, which, and what to do about them.
  fileprivate func words(_ names: [String]) -> String {
    let shown = names.prefix(3).map(oneLine).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    switch self {
    case .hidden: return counted(names.count, "hidden file")
    case .other(let format):
      let conversion = format.conversion.map { "; convert: \($0)" } ?? ""
      return "\(counted(names.count, format.noun)) (\(shown)\(conversion))"
    case .unknown: return "\(counted(names.count, "other file")) (\(shown))"
    case .folder: return "\(counted(names.count, "folder")) (\(shown))"
    case .notRegular: return "\(counted(names.count, "pipe or device", plural: "pipes or devices")) (\(shown))"
    case .deadLink: return "\(counted(names.count, "link to nothing", plural: "links to nothing")) (\(shown))"
    case .undecodableName:
      return "\(counted(names.count, "file whose name is not UTF-8", plural: "files whose names are not UTF-8"))"
        + " (\(shown); rename: \(nameConversion) *)"
    }
  }

  /// What one such file is.
  var name: String {
    switch self {
    case .hidden: "a hidden file"
    case .other(let format): format.name
    case .unknown: "no image"
    case .folder: "a folder"
    case .notRegular: "a pipe or a device"
    case .deadLink: "a link to nothing"
    case .undecodableName: "a file whose name is not UTF-8"
    }
  }
}

private func counted(_ count: Int, _ singular: String, plural: String) -> String {
  "\(count) \(count == 1 ? singular : plural)"
}
