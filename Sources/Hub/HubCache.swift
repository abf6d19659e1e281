import Files
import Foundation

/// A model on the disk.
package struct HubSnapshot: Equatable, Sendable {
  package let folder: String
  package let commit: String
  /// The files asked for, relative to the folder.
  package let files: [String]
  package let notes: [HubNote]
}

/// The cache that `huggingface_hub` keeps, in its layout:
/// `models--ORG--NAME/{refs/REVISION, blobs/ETAG, snapshots/COMMIT/FILE -> ../../blobs/ETAG, .no_exist/COMMIT/FILE,
/// trees/COMMIT.json}` and `.locks/models--ORG--NAME/ETAG.lock`.
package struct HubCache: Equatable, Sendable {
  package let root: String

  package init(root: String) { self.root = root }

  /// The repositories of models that have a folder, whole or not, in ascending order.
  package var repositories: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.filter { $0.hasPrefix("models--") }.sorted()
      .map { $0.dropFirst("models--".count).split(separator: "--").joined(separator: "/") }
  }

  /// What is there of what is asked for, without a look at the network; nil where that is not whole.
  package func snapshot(of location: HubLocation, containing selection: HubSelection = .model) -> HubSnapshot? {
    find(location, selection)?.snapshot
  }

  /// - Returns: also whether a list of the repository's files says that the snapshot is whole. Without one it may lack
  ///   companions.
  func find(_ location: HubLocation, _ selection: HubSelection) -> (snapshot: HubSnapshot, isListed: Bool)? {
    guard let commit = commit(of: location) else { return nil }
    let listing = listing(of: location, commit: commit)
    let present = names(at: commit, of: location).filter {
      has($0, facts: listing?.facts(of: $0), at: commit, of: location)
    }
    guard let files = try? selection.choose(from: present, of: location) else { return nil }
    let listed = listing.flatMap { try? selection.choose(from: $0.names, of: location) }
    return (snapshot(of: location, commit: commit, files: files), files == listed)
  }

  func snapshot(
    of location: HubLocation, commit: String, files: [String], notes: [HubNote] = []
  ) -> HubSnapshot {
    HubSnapshot(
      folder: folder(of: location) + "/snapshots/\(commit)", commit: commit, files: files.sorted(), notes: notes)
  }

  /// Whether the snapshot has a file whole, as far as is known.
  func has(_ file: String, facts: HubListing.Facts?, at commit: String, of location: HubLocation) -> Bool {
    guard let size = sizeOfFile(pointer(file, at: commit, of: location)) else { return false }
    return facts.map { $0.size == size } ?? true
  }

  private func commit(of location: HubLocation) -> String? {
    if isCommit(location.revision) { return location.revision }
    return (try? readText(reference(location))).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap {
      isCommit($0) ? $0 : nil
    }
  }

  private func listing(of location: HubLocation, commit: String) -> HubListing? {
    (try? readFile(tree(location, commit))).flatMap { HubListing(kept: $0, commit: commit) }
  }

  /// The files in a snapshot's folder.
  private func names(at commit: String, of location: HubLocation) -> [String] {
    let folder = folder(of: location) + "/snapshots/\(commit)"
    return FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
  }
}

// MARK: - Places

extension HubCache {
  func folder(of location: HubLocation) -> String { "\(root)/\(location.folderName)" }

  func blob(_ fingerprint: Fingerprint, of location: HubLocation) -> String {
    "\(folder(of: location))/blobs/\(fingerprint.text)"
  }

  func lock(_ fingerprint: Fingerprint, of location: HubLocation) -> String {
    "\(root)/\(lockPath(fingerprint, of: location))"
  }

  /// Seen from the root.
  private func lockPath(_ fingerprint: Fingerprint, of location: HubLocation) -> String {
    ".locks/\(location.folderName)/\(fingerprint.text).lock"
  }

  private func pointer(_ file: String, at commit: String, of location: HubLocation) -> String {
    "\(folder(of: location))/snapshots/\(commit)/\(file)"
  }

  private func reference(_ location: HubLocation) -> String { "\(folder(of: location))/refs/\(location.revision)" }

  private func tree(_ location: HubLocation, _ commit: String) -> String {
    "\(folder(of: location))/trees/\(commit).json"
  }
}

// MARK: - Writing

extension HubCache {
  /// Puts a file whose blob is there into a snapshot.
  func link(_ file: String, to fingerprint: Fingerprint, at commit: String, of location: HubLocation) throws(FileError)
  {
    let place = pointer(file, at: commit, of: location)
    try makeFolder(ofFile: "snapshots/\(commit)/\(file)", of: location)
    // From snapshots/COMMIT up to the repository's folder, and once more for every folder the file is in.
    let depth = 2 + file.utf8.count(where: { $0 == UInt8(ascii: "/") })
    let target = String(repeating: "../", count: depth) + "blobs/\(fingerprint.text)"
    if symlink(target, place) == 0 { return }
    guard errno == EEXIST, unlink(place) == 0, symlink(target, place) == 0 else { throw .failedWrite(place) }
  }

  /// Says which commit the location's revision is; nothing where the revision is a commit.
  func remember(_ commit: String, as location: HubLocation) throws(FileError) {
    guard location.revision != commit, self.commit(of: location) != commit else { return }
    try write(commit, to: "refs/\(location.revision)", of: location)
  }

  /// Keeps a list of files for later, where its commit has none.
  ///
  /// A cache that cannot be written still serves.
  func keep(_ listing: HubListing, of location: HubLocation) {
    guard self.listing(of: location, commit: listing.commit) == nil, let text = listing.kept() else { return }
    try? write(text, to: "trees/\(listing.commit).json", of: location)
  }

  /// Notes that a commit does not have a file.
  func noteAbsence(of file: String, at commit: String, of location: HubLocation) throws(FileError) {
    try write("", to: ".no_exist/\(commit)/\(file)", of: location)
  }

  /// - Parameter path: seen from the location's folder.
  private func write(_ text: String, to path: String, of location: HubLocation) throws(FileError) {
    try makeFolder(ofFile: path, of: location)
    try writeFile(text.utf8, to: folder(of: location) + "/" + path)
  }

  /// Makes the folders that a file is in, below the location's own, where they are missing.
  ///
  /// A link among them would lead what is written elsewhere, so it is refused: the cache never has one there.
  ///
  /// - Parameter path: of the file, seen from the location's folder.
  func makeFolder(ofFile path: String, of location: HubLocation) throws(FileError) {
    try makeFolder(ofFile: path, below: folder(of: location))
  }

  /// The same for the lock of a file, whose folders are the cache's own.
  func makeFolder(ofLock fingerprint: Fingerprint, of location: HubLocation) throws(FileError) {
    try makeFolder(ofFile: lockPath(fingerprint, of: location), below: root)
  }

  private func makeFolder(ofFile path: String, below base: String) throws(FileError) {
    var place = base
    try Files.makeFolder(place)
    // By bytes, as names are checked.
    for part in path.utf8.split(separator: UInt8(ascii: "/")).dropLast() {
      place += "/" + String(Substring(part))
      if mkdir(place, 0o777) == 0 { continue }
      guard errno == EEXIST else { throw .failedWrite(place) }
      guard FileKind(of: place, followsLinks: false) == .folder else { throw .noPlainFolder(path: place) }
    }
  }
}
