import Diagnostics
import Files
import Images

/// What is in a folder of images: the images by their content, and what is left out with the reason.
///
/// Where the folder holds no image but folders do, each of these is a class, as to torchvision's `ImageFolder`, and its
/// images are all below it. No file is read but for its first bytes, and nothing but regular files is opened. Links are
/// followed, apart from those to folders inside a class, which could lead around in a circle.
struct ImageFolder: Sendable {
  /// Why something in the folder is no image that is read.
  enum Reason: Hashable, Sendable {
    case hidden, folder, withoutImages, notRegular, folderLink, deadLink, undecodableName, other(OtherFormat), unknown
    /// Members of an archive: a link to another one, and one that another of its name comes after.
    case memberLink, replaced
  }

  let path: String
  /// The paths of the images' files from the folder on; sorted by the folder that they are in, then by name.
  ///
  /// Files that are named as images are among them even where they are empty, damaged or may not be read: an image that is
  /// lost is not passed over in silence.
  let names: [String]
  /// Whether the folders in it are classes.
  let hasClasses: Bool
  let leftOut: LeftOutFiles

  /// - Throws: `FileError` where a folder cannot be read, `BuildError.noImages`.
  init(_ path: String) throws {
    self.path = path
    var leftOut = LeftOutFiles()
    let found = try Self.images(in: "", of: path, &leftOut)
    hasClasses = found.names.isEmpty && !found.folders.isEmpty
    guard hasClasses else {
      for folder in found.folders { leftOut.add(folder, .folder) }
      (names, self.leftOut) = (found.names, leftOut)
      guard !names.isEmpty else { throw BuildError.noImages(folder: path, found: leftOut.list) }
      return
    }
    var all: [String] = []
    for folder in found.folders {
      let images = try Self.images(ofClass: folder, of: path, &leftOut)
      if images.isEmpty { leftOut.add(folder, .withoutImages) }
      all += images
    }
    guard !all.isEmpty else { throw BuildError.noImages(folder: path, found: leftOut.list) }
    (names, self.leftOut) = (all, leftOut)
  }

  /// All images below the folder of a class.
  private static func images(
    ofClass name: String, of path: String, _ leftOut: inout LeftOutFiles
  ) throws -> [String] {
    var found: [(folder: String, names: [String])] = []
    var folders = [name]
    while let folder = folders.popLast() {
      let (names, inner) = try images(in: folder + "/", of: path, &leftOut)
      found.append((folder, names))
      for name in inner {
        if FileKind(of: "\(path)/\(name)", followsLinks: false) == .link {
          leftOut.add(name, .folderLink)
        } else {
          folders.append(name)
        }
      }
    }
    return found.sorted { $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8) }.flatMap(\.names)
  }

  /// The images and the folders of a folder.
  ///
  /// - Parameter prefix: the folder's path from `path` on with a slash at its end; empty for `path` itself.
  private static func images(
    in prefix: String, of path: String, _ leftOut: inout LeftOutFiles
  ) throws -> (names: [String], folders: [String]) {
    let listed = try FolderNames(of: prefix.isEmpty ? path : "\(path)/\(prefix)")
    var (names, folders): ([String], [String]) = ([], [])
    for own in listed.names {
      let name = prefix + own
      switch reason(against: own, at: "\(path)/\(name)") {
      case nil: names.append(name)
      case .folder: folders.append(name)
      case let reason?: leftOut.add(name, reason)
      }
    }
    for name in listed.undecodable { leftOut.add(prefix + name, .undecodableName) }
    return (names, folders)
  }

  /// Why a file is left out; nil for an image.
  private static func reason(against name: String, at path: String) -> Reason? {
    if name.hasPrefix(".") { return .hidden }
    switch FileKind(of: path) {
    case .file: break
    case .folder: return .folder
    case .pipe, .device, .link: return .notRegular
    case nil: return .deadLink
    }
    return Reason(name, start: try? readStart(of: path, count: FileContent.sample))
  }

  /// One line on what is left out; nil where nothing is.
  var remark: String? {
    leftOut.list.map { "\(path): \(counted(names.count, "image")); left out \($0)" }
  }
}

extension ImageFolder.Reason {
  /// Extensions by which a file is taken for an image whatever its content.
  private static let extensions: Set<String> = ["png", "jpg", "jpeg", "jfif", "jpe", "webp"]

  /// Why a regular file is no image; nil for an image.
  ///
  /// - Parameter start: its first bytes; nil where they cannot be read.
  init?(_ name: String, start: [UInt8]?) {
    let isNamedSo = Self.extensions.contains(nameAndExtension(name).suffix.lowercased())
    switch start.map(FileContent.init) {
    case .png, .jpeg, .webp: return nil
    case .other(let format): self = .other(format)
    case .nothing, .unknown, nil:
      if isNamedSo { return nil }
      self = .unknown
    }
  }
}

/// What was left out of a set of images, and why.
struct LeftOutFiles: Sendable {
  private var groups: [ImageFolder.Reason: [String]] = [:]

  mutating func add(_ name: String, _ reason: ImageFolder.Reason) { groups[reason, default: []].append(name) }

  /// The reasons by file name.
  var reasons: [String: ImageFolder.Reason] {
    let known = groups.filter { $0.key != .undecodableName && $0.key != .replaced }
    return Dictionary(
      known.flatMap { reason, names in names.map { ($0, reason) } }, uniquingKeysWith: { first, _ in first })
  }

  /// How many there are of each reason, which, and what to do about them; nil where there are none.
  var list: String? {
    guard !groups.isEmpty else { return nil }
    return groups.sorted { $0.key.order < $1.key.order }.map { $0.words($1) }.joined(separator: ", ")
  }
}

/// `1 image`, `2 images`.
func counted(_ count: Int, _ noun: String) -> String { counted(count, noun, plural: noun + "s") }

/// `1 class`, `2 classes`.
func counted(_ count: Int, _ singular: String, plural: String) -> String {
  "\(count) \(count == 1 ? singular : plural)"
}

extension ImageFolder.Reason {
  /// The place in a list of reasons.
  fileprivate var order: Int {
    switch self {
    case .hidden: 0
    case .other(let format): 1 + (OtherFormat.allCases.firstIndex(of: format) ?? 0)
    case .unknown: 100
    case .folder: 101
    case .withoutImages: 102
    case .notRegular: 103
    case .memberLink: 104
    case .folderLink: 105
    case .deadLink: 106
    case .undecodableName: 107
    case .replaced: 108
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
    case .withoutImages:
      return "\(counted(names.count, "folder without images", plural: "folders without images")) (\(shown))"
    case .notRegular: return "\(counted(names.count, "pipe or device", plural: "pipes or devices")) (\(shown))"
    case .memberLink:
      return "\(counted(names.count, "link")) (\(shown); pack the files themselves: tar --hard-dereference)"
    case .folderLink: return "\(counted(names.count, "link to a folder", plural: "links to folders")) (\(shown))"
    case .deadLink: return "\(counted(names.count, "link to nothing", plural: "links to nothing")) (\(shown))"
    case .undecodableName:
      return "\(counted(names.count, "file whose name is not UTF-8", plural: "files whose names are not UTF-8"))"
        + " (\(shown); rename: \(nameConversion) *)"
    case .replaced:
      return
        "\(counted(names.count, "file that a later one of its name replaces", plural: "files that later ones of their names replace"))"
        + " (\(shown))"
    }
  }

  /// What one such file is.
  var name: String {
    switch self {
    case .hidden: "a hidden file"
    case .other(let format): format.name
    case .unknown: "no image"
    case .folder, .withoutImages: "a folder"
    case .notRegular: "a pipe or a device"
    case .memberLink: "a link"
    case .folderLink: "a link to a folder"
    case .deadLink: "a link to nothing"
    case .undecodableName: "a file whose name is not UTF-8"
    case .replaced: "a file that a later one replaces"
    }
  }
}
