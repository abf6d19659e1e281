import Files

/// Which files of a site headatlas wrote, kept in a file of the site itself: all others belong to somebody.
struct SiteManifest: Equatable {
  /// The file, which also says that the folder is a site.
  static let fileName = ".headatlas-site"
  private static let heading = "Written by headatlas. A new build replaces the files listed here and keeps all others."
  /// What the file says until all is written.
  static let unfinished = "Being written by headatlas.\n"

  /// By their encoded paths.
  let files: Set<String>
  /// All folders above them.
  let folders: Set<String>

  init(files: Set<String>) {
    self.files = files
    var folders: Set<String> = []
    for file in files {
      var end = file.endIndex
      while let slash = file.utf8[..<end].lastIndex(of: UInt8(ascii: "/")) {
        end = slash
        if !folders.insert(String(file[..<slash])).inserted { break }
      }
    }
    self.folders = folders
  }

  /// All files of a folder that is being written.
  init(listing folder: OpenFolder) throws {
    var files: Set<String> = []
    func list(_ folder: OpenFolder, _ prefix: String) throws {
      for name in try folder.names() {
        if folder.kind(of: name) == .folder {
          try list(try folder.folder(name), prefix + name.encoded + "/")
        } else if prefix + name.encoded != Self.fileName {
          files.insert(prefix + name.encoded)
        }
      }
    }
    try list(folder, "")
    self.init(files: files)
  }

  var text: String { ([Self.heading] + files.sorted()).joined(separator: "\n") + "\n" }

  /// What the file says of a finished site; nil where it says anything else.
  init?(_ text: String) {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    guard lines.first == Self.heading else { return nil }
    lines.removeFirst()
    // No path is longer: what the system would not take is no file.
    self.init(files: Set(lines.filter { $0.utf8.count < 4096 }))
  }
}

/// What a folder is to the builds that come after.
enum FolderState: Equatable {
  case site(SiteManifest)
  /// A build did not come to its end.
  case unfinished
  /// A site of a headatlas that kept no list of its files.
  case unlisted
  /// Empty, or with what a checkout and a publisher put into an empty folder.
  case bare
  case foreign

  private static let publishing: Set<String> = [
    ".git", ".gitattributes", ".gitignore", ".gitkeep", ".nojekyll", "CNAME",
  ]

  init(_ folder: OpenFolder) throws {
    let marker = OpenFolder.Name(SiteManifest.fileName)
    guard folder.kind(of: marker) == .file else {
      self = try folder.names().allSatisfy { Self.publishing.contains($0.encoded) } ? .bare : .foreign
      return
    }
    let text = String(decoding: try folder.read(marker), as: UTF8.self)
    // The file may have been cut short when it was first written.
    let isUnfinished = SiteManifest.unfinished.hasPrefix(text)
    self = SiteManifest(text).map { .site($0) } ?? (isUnfinished ? .unfinished : .unlisted)
  }

  /// The files that a build may replace; nil where it may not touch any.
  var manifest: SiteManifest? {
    switch self {
    case .site(let manifest): manifest
    case .bare: SiteManifest(files: [])
    case .unfinished, .unlisted, .foreign: nil
    }
  }
}
