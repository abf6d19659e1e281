import Diagnostics
import Files
import Foundation

/// A site that is written beside its place and put there in one step, so that a failure leaves the old one whole.
///
/// What somebody else put into the old site goes over into the new one. A process that dies at any moment leaves the old
/// site or the new one in the place, and nothing is lost: the next build finds what is left beside it.
package final class StagedFolder {
  /// The place, with a link at its end followed.
  package let target: String
  /// Where the site is written; its folder for `writeSite`.
  package let staging: String
  private let aside: String
  private let lock: FileLock
  /// Whether what lies there is the unfinished site of this build, and not what was found there or was exchanged with it.
  private var isUnfinished = false

  /// - Parameter keepsOld: start from what is there, which must be a site.
  /// - Throws: `BuildError`, `FileError`.
  package init(target named: String, keepsOld: Bool) throws {
    let target = try Self.place(of: named)
    let start = "\(folder(of: target))/.\(fileName(target))"
    guard let lock = try FileLock("\(start).lock") else { throw BuildError.busy(path: named) }
    (self.target, staging, aside, self.lock) = (target, "\(start).staging", "\(start).old", lock)
    try recover()
    let old = try Self.site(at: target, named: named)
    if keepsOld, FileKind(of: "\(target)/index.html") != .file { throw BuildError.noSite(path: named) }
    try makeFolder(staging)
    isUnfinished = true
    let new = try OpenFolder(staging)
    try new.create(OpenFolder.Name(SiteManifest.fileName), Array(SiteManifest.unfinished.utf8))
    if keepsOld, let old { try old.manifest.shareFiles(of: old.folder, with: new) }
    // GitHub's pages leave out what Jekyll does not know.
    try writeFile([], to: "\(staging)/.nojekyll")
  }

  // An initialiser that throws comes here too.
  deinit {
    if isUnfinished { try? Self.removeUnfinished(staging) }
  }

  /// Removes a site that is not finished, last the file that says so: a process may die here too.
  private static func removeUnfinished(_ path: String) throws {
    for name in try FolderNames(of: path).names where name != SiteManifest.fileName {
      try removeFolder("\(path)/\(name)")
    }
    try removeFolder(path)
  }

  /// The path at which the folder is: a link is followed, so that whoever publishes by one goes on doing so.
  private static func place(of named: String) throws -> String {
    let (name, named) = (fileName(named), withoutLastSlashes(named))
    guard !name.isEmpty, name != "/" else {
      throw FileError.unwritable(path: named, reason: "not the name of a folder")
    }
    var status = stat()
    let isThere = lstat(named, &status) == 0
    guard let real = realPath(named) else {
      if isThere { throw BuildError.brokenLink(path: named) }
      guard name != ".", name != ".." else { throw FileError.unwritable(path: named, reason: "no such folder") }
      return named
    }
    if let working = realPath("."), isInside(working, real) { throw BuildError.workingFolder(path: named) }
    return name == "." || name == ".." || status.st_mode & S_IFMT == S_IFLNK ? real : named
  }

  /// The site at a place; nil where nothing is there.
  private static func site(
    at place: String, named: String
  ) throws -> (folder: OpenFolder, manifest: SiteManifest)? {
    guard let kind = FileKind(of: place) else { return nil }
    guard kind == .folder else { throw BuildError.foreignFolder(path: named) }
    let folder = try OpenFolder(place)
    let state = try FolderState(folder)
    guard let manifest = state.manifest else {
      throw state == .unlisted ? BuildError.unlistedSite(path: named) : .foreignFolder(path: named)
    }
    return (folder, manifest)
  }

  // MARK: Putting it in its place

  /// Puts the staged folder in its place.
  ///
  /// - Throws: `BuildError.keptFile` where somebody's file is in the place of a new one, `FileError`.
  package func commit() throws {
    let new = try OpenFolder(staging)
    let text = try SiteManifest(listing: new).text
    let old = try Self.site(at: target, named: target)
    if let old { try KeptFiles(of: old.folder, old.manifest).checkPlaces(in: new, of: target) }
    try writeFile(text.utf8, to: "\(staging)/\(SiteManifest.fileName)")
    guard old != nil else {
      guard rename(staging, target) == 0 else { throw FileError.failedWrite(target) }
      isUnfinished = false
      return
    }
    let way = try FolderExchange.put(staging, inPlaceOf: target, aside: aside)
    isUnfinished = false
    try retire(way == .exchanged ? staging : aside)
  }

  /// Takes out of a folder that was replaced what belongs to somebody, and removes the rest.
  private func retire(_ path: String) throws {
    let folder = try OpenFolder(path)
    guard let manifest = try FolderState(folder).manifest else { throw BuildError.foreignLeftover(path: path) }
    try KeptFiles(of: folder, manifest).move(to: try OpenFolder(target))
    try manifest.removeFiles(of: folder)
    guard rmdir(path) == 0 else { throw FileError.failedWrite(path) }
  }

  // MARK: After a build that died

  /// Brings to its end what a build that died had begun.
  private func recover() throws {
    for path in [aside, staging] {
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFDIR else { throw BuildError.foreignLeftover(path: path) }
      switch try FolderState(try OpenFolder(path)) {
      case .unfinished where path == staging: try Self.removeUnfinished(path)
      case .site where FileKind(of: target) == nil, .bare where FileKind(of: target) == nil:
        // It died between two renames, or somebody took the site away: this one is whole.
        guard rename(path, target) == 0 else { throw FileError.failedWrite(target) }
      case .site, .bare: try retire(path)
      case .unfinished, .unlisted, .foreign: throw BuildError.foreignLeftover(path: path)
      }
    }
  }
}
