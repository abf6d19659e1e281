import Diagnostics
import Files
import Foundation

/// The folder that the site is written into.
struct SiteFolder: Sendable {
  let root: String

  /// Writes a file and the folders it needs.
  /// - Returns: how many bytes it has.
  @discardableResult
  func write(_ bytes: [UInt8], to file: Address) throws -> Int {
    let path = "\(root)/\(file.path)"
    try makeFolder(folder(of: path))
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    } catch {
      throw FileError.unwritable(path: path, reason: systemReason(error))
    }
    return bytes.count
  }

  @discardableResult
  func write(_ text: String, to file: Address) throws -> Int { try write(Array(text.utf8), to: file) }
}

/// The names in a folder, sorted; empty where there is no such folder.
func fileNames(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
