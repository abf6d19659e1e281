import Files
import Foundation
import HTTP

/// How far a fetch is.
package struct HubProgress: Equatable, Sendable {
  /// The file that is being fetched; empty while the hub is asked what there is.
  package let file: String
  /// Bytes of all files to fetch, those counted that were there before.
  package let done: Int
  package let total: Int
}

/// Fetches models from a hub into the cache.
///
/// At most one request is under way at a time.
package struct HubClient {
  package let settings: HubSettings
  private let requests: HubRequests
  private var cache: HubCache { settings.cache }

  package init(settings: HubSettings, timeouts: HTTPTimeouts = HTTPTimeouts(), retries: RetryPolicy = RetryPolicy()) {
    self.settings = settings
    requests = HubRequests(settings: settings, timeouts: timeouts, retries: retries)
  }

  /// A file to fetch, and what the hub says of it.
  private struct Wanted {
    let file: String
    let fingerprint: Fingerprint
    let size: Int
  }

  /// The snapshot of a model, fetched where it is not there.
  ///
  /// Asks nothing where the revision is a commit that is whole in the cache, and one question where it is a branch that
  /// has not moved.
  ///
  /// The program may be killed at any time: what has come is kept, and only whole, checked files are in the snapshot.
  /// - Parameter progress: called on this thread, several times a second; what it throws ends the fetch.
  /// - Throws: `HubError`, and what `progress` throws.
  package func fetch(
    _ location: HubLocation, files selection: HubSelection = .model,
    progress: (HubProgress) throws -> Void = { _ in }
  ) throws -> HubSnapshot {
    do {
      return try snapshot(of: location, selection, progress)
    } catch let error as FileError {
      throw HubError.file(error)
    } catch let error as HTTPError {
      throw HubError.http(error)
    }
  }

  private func snapshot(
    of location: HubLocation, _ selection: HubSelection, _ progress: (HubProgress) throws -> Void
  ) throws -> HubSnapshot {
    let local = cache.find(location, selection)
    if let variable = settings.offlineVariable {
      guard let local else { throw HubError.offline(location, cache: cache.root, because: variable) }
      return local.snapshot
    }
    if let local, local.isListed, isCommit(location.revision) { return local.snapshot }
    let idle = { try progress(HubProgress(file: "", done: 0, total: 0)) }
    let listing: HubListing
    do {
      // With something to fall back on, a dead network should not take long to notice.
      listing = try requests.listing(of: location, attempts: local == nil ? nil : 1, tick: idle)
    } catch let error as HTTPError {
      guard case .unreachable = error, let snapshot = local?.snapshot else { throw error }
      let note = HubNote.usedWhatWasThere(location, commit: snapshot.commit, reason: "\(error)")
      return cache.snapshot(of: location, commit: snapshot.commit, files: snapshot.files, notes: [note])
    }
    let files = try selection.choose(from: listing.names, of: location)
    try fetchMissing(files, of: listing, at: location, progress: progress, idle: idle)
    try cache.remember(listing.commit, as: location)
    return cache.snapshot(of: location, commit: listing.commit, files: files)
  }

  private func fetchMissing(
    _ files: [String], of listing: HubListing, at location: HubLocation, progress: (HubProgress) throws -> Void,
    idle: () throws -> Void
  ) throws {
    cache.keep(listing, of: location)
    // By commit, so that a branch that moves meanwhile changes nothing.
    let fixed = try HubLocation(repository: location.repository, revision: listing.commit)
    let missing = files.filter { !cache.has($0, facts: listing.facts(of: $0), at: listing.commit, of: location) }
    let wanted = try missing.map { try ask(for: $0, facts: listing.facts(of: $0), at: fixed, tick: idle) }
    let total = wanted.reduce(0) { $0.addingReportingOverflow($1.size).partialValue }
    var before = 0
    for item in wanted {
      try land(item, at: fixed) { try progress(HubProgress(file: item.file, done: before + $0, total: total)) }
      before += item.size
    }
  }

  /// - Parameter location: at a commit.
  private func ask(
    for file: String, facts: HubListing.Facts?, at location: HubLocation, tick: () throws -> Void
  ) throws -> Wanted {
    let head: HTTPHead
    do {
      head = try requests.head(of: file, at: location, tick: tick)
    } catch let error as HubError {
      if case .noFile = error { try cache.noteAbsence(of: file, at: location.revision, of: location) }
      throw error
    }
    let url = "\(head.address)"
    guard let commit = head["X-Repo-Commit"] else { throw HubError.missingHeader(url: url, header: "X-Repo-Commit") }
    guard let etag = head.etag ?? facts?.etag else { throw HubError.missingHeader(url: url, header: "ETag") }
    guard let size = head.contentSize ?? facts?.size else {
      throw HubError.missingHeader(url: url, header: "Content-Length")
    }
    // A proxy may have put an ETag of its own in place of the hub's.
    guard let fingerprint = Fingerprint(etag: etag) ?? facts.flatMap({ Fingerprint(etag: $0.etag) }) else {
      throw HubError.unverifiable(file: file, etag: etag)
    }
    for (part, found, expected) in [
      ("commit", commit, location.revision), ("hash", fingerprint.text, facts?.etag),
      ("size", "\(size)", facts.map { "\($0.size)" }),
    ] {
      if let expected, found != expected {
        throw HubError.contradiction(file: file, part: part, found: found, expected: expected)
      }
    }
    return Wanted(file: file, fingerprint: fingerprint, size: size)
  }

  /// Brings one file into the snapshot.
  private func land(_ wanted: Wanted, at location: HubLocation, progress: (Int) throws -> Void) throws {
    let blob = cache.blob(wanted.fingerprint, of: location)
    let wait = {
      try progress(sizeOfFile(blob + ".incomplete") ?? 0)
      usleep(50_000)
    }
    try cache.makeFolder(ofLock: wanted.fingerprint, of: location)
    try withFileLock(cache.lock(wanted.fingerprint, of: location), wait: wait) {
      if try !isSound(blob, wanted) { try download(wanted, to: blob, at: location, progress: progress) }
      try cache.link(wanted.file, to: wanted.fingerprint, at: location.revision, of: location)
      try progress(wanted.size)
    }
  }

  /// Whether the blob is there with the content that its name stands for.
  ///
  /// One of the right size that another program left, or a disk spoilt, is looked at once: when it is linked.
  private func isSound(_ blob: String, _ wanted: Wanted) throws -> Bool {
    guard sizeOfFile(blob) == wanted.size else { return false }
    do {
      try wanted.fingerprint.check(blob, size: wanted.size, file: wanted.file)
      return true
    } catch HubError.wrongHash {
      return false
    }
  }

  private func download(
    _ wanted: Wanted, to blob: String, at location: HubLocation, progress: (Int) throws -> Void
  ) throws {
    try cache.makeFolder(ofFile: "blobs/\(wanted.fingerprint.text)", of: location)
    let partial = try PartialFile(path: blob + ".incomplete", file: wanted.file, size: wanted.size)
    do {
      try progress(partial.count)
      try requests.download(wanted.file, at: location, to: partial) { try progress(partial.count) }
      try partial.flush()
      try wanted.fingerprint.check(partial.path, size: wanted.size, file: wanted.file)
    } catch let error as HubError {
      switch error {
      case .wrongHash, .wrongSize: unlink(partial.path)
      default: break
      }
      throw error
    }
    guard rename(partial.path, blob) == 0 else { throw FileError.failedWrite(blob) }
  }
}
