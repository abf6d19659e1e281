import Files

/// What lies in a site and was not written by the build that made it: files, links, and folders with all that is in them.
struct KeptFiles {
  private struct Item {
    let parents: [OpenFolder.Name]
    let name: OpenFolder.Name

    var path: String { (parents + [name]).map(\.encoded).joined(separator: "/") }
  }
  private let site: OpenFolder
  private let items: [Item]

  init(of site: OpenFolder, _ manifest: SiteManifest) throws {
    var items: [Item] = []
    func look(_ folder: OpenFolder, _ parents: [OpenFolder.Name], _ prefix: String) throws {
      for name in try folder.names() {
        let path = prefix + name.encoded
        switch folder.kind(of: name) {
        case .folder where manifest.folders.contains(path):
          try look(try folder.folder(name), parents + [name], path + "/")
        case .file where manifest.files.contains(path) || path == SiteManifest.fileName: break
        case .file, .folder, .other: items.append(Item(parents: parents, name: name))
        case nil: break
        }
      }
    }
    try look(site, [], "")
    self.site = site
    self.items = items
  }

  /// - Throws: `BuildError.keptFile` where `new` has something else in the place of one of them.
  func checkPlaces(in new: OpenFolder, of target: String) throws {
    for item in items where try place(of: item, in: new) == .taken {
      throw BuildError.keptFile(path: "\(target)/\(item.path)")
    }
  }

  /// Moves them into `new`, each in one step; nothing that is there is replaced.
  ///
  /// - Throws: `BuildError.keptFile`, `FileError`; what was not moved is where it was.
  func move(to new: OpenFolder) throws {
    for item in items {
      switch try place(of: item, in: new) {
      case .taken: throw BuildError.keptFile(path: "\(site.path)/\(item.path)")
      // The same bytes are there already, which the list of the next build has.
      case .same: try source(of: item).remove(item.name)
      case .free:
        let folder = try item.parents.reduce(new) { try $0.folder($1, isMade: true) }
        try source(of: item).move(item.name, to: folder)
      }
    }
  }

  private func source(of item: Item) throws -> OpenFolder { try item.parents.reduce(site) { try $0.folder($1) } }

  private enum Place { case free, same, taken }

  private func place(of item: Item, in new: OpenFolder) throws -> Place {
    var folder = new
    for parent in item.parents {
      switch folder.kind(of: parent) {
      case nil: return .free
      case .folder: folder = try folder.folder(parent)
      case .file, .other: return .taken
      }
    }
    guard let kind = folder.kind(of: item.name) else { return .free }
    let source = try source(of: item)
    guard kind == .file, source.kind(of: item.name) == .file else { return .taken }
    return try folder.read(item.name) == source.read(item.name) ? .same : .taken
  }
}

extension SiteManifest {
  /// Removes the files listed, the folders that they leave empty, and last the list.
  ///
  /// - Throws: `FileError`: also where something else is left.
  func removeFiles(of site: OpenFolder) throws {
    func remove(_ folder: OpenFolder, _ prefix: String) throws {
      for name in try folder.names() {
        let path = prefix + name.encoded
        switch folder.kind(of: name) {
        case .folder where folders.contains(path):
          try remove(try folder.folder(name), path + "/")
          try folder.remove(name, isFolder: true)
        case .file where files.contains(path): try folder.remove(name)
        default: break
        }
      }
    }
    try remove(site, "")
    let marker = OpenFolder.Name(Self.fileName)
    if site.kind(of: marker) == .file { try site.remove(marker) }
  }

  /// Gives the files listed a second place in `new`, which is empty; what is not a file any more is left out.
  func shareFiles(of site: OpenFolder, with new: OpenFolder) throws {
    func share(_ folder: OpenFolder, _ new: OpenFolder, _ prefix: String) throws {
      for name in try folder.names() {
        let path = prefix + name.encoded
        switch folder.kind(of: name) {
        case .folder where folders.contains(path):
          try share(try folder.folder(name), try new.folder(name, isMade: true), path + "/")
        case .file where files.contains(path): try folder.share(name, with: new)
        default: break
        }
      }
    }
    try share(site, new, "")
  }
}
