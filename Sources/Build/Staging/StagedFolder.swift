import Diagnostics
import Files
import Foundation

/// A folder that is written beside its place and put there in one step, so that a failure leaves the old one whole.
final class StagedFolder {
  let target: String
  let staging: String
  private let lock: FileLock

  /// Written into every site, so that a folder that is not ours is never replaced.
  static let marker = ".headatlas-site"

  /// - Parameter keepsOld: start from a copy of what is there, which must be a site.
  /// - Throws: `BuildError.busy`, `.foreignFolder`, `.noSite`, `FileError`.
  init(target: String, keepsOld: Bool) throws {
    let parent = folder(of: target)
    let name = fileName(target)
    guard !name.isEmpty, name != ".", name != "..", name != "/" else {
      throw FileError.unwritable(path: target, reason: "not the name of a folder")
    }
    let staging = "\(parent)/.\(name).staging"
    guard let lock = try FileLock("\(parent)/.\(name).lock") else { throw BuildError.busy(path: target) }
    try Self.checkIsOurs(target)
    if keepsOld, FileKind(of: "\(target)/index.html") != .file { throw BuildError.noSite(path: target) }
    try Self.prepare(staging, copying: keepsOld ? target : nil)
    self.target = target
    self.staging = staging
    self.lock = lock
  }

  deinit {
    try? FileManager.default.removeItem(atPath: staging)
  }

  private static func checkIsOurs(_ target: String) throws {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: target, isDirectory: &isFolder) else { return }
    let names = isFolder.boolValue ? (try? manager.contentsOfDirectory(atPath: target)) ?? [] : ["a file"]
    guard names.allSatisfy({ $0 == ".gitkeep" }) || names.contains(marker) else {
      throw BuildError.foreignFolder(path: target)
    }
  }

  private static func prepare(_ staging: String, copying old: String?) throws {
    let manager = FileManager.default
    do {
      if manager.fileExists(atPath: staging) { try manager.removeItem(atPath: staging) }
      if let old {
        try manager.copyItem(atPath: old, toPath: staging)
      } else {
        try manager.createDirectory(atPath: staging, withIntermediateDirectories: true)
      }
      try Data("Written by headatlas; a new build replaces this folder.\n".utf8)
        .write(to: URL(fileURLWithPath: staging + "/" + marker))
    } catch {
      throw FileError.unwritable(path: staging, reason: systemReason(error))
    }
  }

  /// Puts the staged folder in its place.
  func commit() throws {
    let manager = FileManager.default
    let old = "\(folder(of: target))/.\(fileName(target)).old"
    do {
      if manager.fileExists(atPath: old) { try manager.removeItem(atPath: old) }
      if manager.fileExists(atPath: target) { try manager.moveItem(atPath: target, toPath: old) }
      do {
        try manager.moveItem(atPath: staging, toPath: target)
      } catch {
        if manager.fileExists(atPath: old) { try? manager.moveItem(atPath: old, toPath: target) }
        throw error
      }
      if manager.fileExists(atPath: old) { try manager.removeItem(atPath: old) }
    } catch {
      throw FileError.unwritable(path: target, reason: systemReason(error))
    }
  }
}
