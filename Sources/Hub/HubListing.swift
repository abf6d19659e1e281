import Files
import Foundation

/// The files of a repository at one commit.
struct HubListing: Equatable, Sendable {
  let commit: String
  /// What is known of each file; nil where only its name is.
  let files: [String: Facts?]

  /// How the hub keeps a file.
  struct Facts: Equatable, Sendable {
    /// Bytes.
    let size: Int
    /// git's hash of the file, or of the pointer that stands for it in git.
    let blob: String
    /// sha256 of the content, where the file is kept outside git.
    let sha256: String?

    /// What the file is called in the cache, and checked by.
    var etag: String { sha256 ?? blob }
  }

  var names: [String] { Array(files.keys) }

  func facts(of name: String) -> Facts? { files[name] ?? nil }
}

/// The hub's answer to `api/models/ORG/NAME/revision/REVISION?blobs=true`.
private struct ModelAnswer: Decodable {
  let sha: String
  let siblings: [Sibling]

  struct Sibling: Decodable {
    let rfilename: String
    let size: Int?
    let blobId: String?
    let lfs: LargeFile?
  }

  struct LargeFile: Decodable {
    let sha256: String?
    let size: Int?
  }
}

/// `trees/COMMIT.json` of the cache.
private struct TreeFile: Codable {
  static let version = 1
  let format_version: Int
  let files: [String: Entry]

  struct Entry: Codable {
    let size: Int
    let blob_id: String
    var lfs_sha256: String?
    var lfs_size: Int?
  }
}

extension HubListing {
  /// Hubs answer with a few hundred kilobytes for thousands of files.
  static let longestAnswer = 16 << 20

  /// - Throws: `HubError.malformedListing`, `HubError.unsafeName`.
  init(answer: [UInt8], url: String, location: HubLocation) throws(HubError) {
    let model: ModelAnswer
    do {
      model = try JSONDecoder().decode(ModelAnswer.self, from: Data(answer))
    } catch {
      throw .malformedListing(url: url, problem: "no JSON with \"sha\" and \"siblings\"")
    }
    guard isCommit(model.sha) else { throw .malformedListing(url: url, problem: "its \"sha\" is no commit") }
    var files: [String: Facts?] = [:]
    for sibling in model.siblings {
      if let problem = problemInRelativePath(sibling.rfilename) {
        throw .unsafeName(location, file: sibling.rfilename, problem: problem)
      }
      files[sibling.rfilename] = .some(
        sibling.blobId.flatMap { blob in
          Facts(size: sibling.lfs?.size ?? sibling.size, blob: blob, sha256: sibling.lfs?.sha256)
        })
    }
    self.init(commit: model.sha, files: files)
  }

  /// A listing kept in the cache; nil where it is none, or of another kind.
  init?(kept: [UInt8], commit: String) {
    guard let tree = try? JSONDecoder().decode(TreeFile.self, from: Data(kept)),
      tree.format_version == TreeFile.version,
      tree.files.keys.allSatisfy({ problemInRelativePath($0) == nil })
    else { return nil }
    self.init(
      commit: commit,
      files: tree.files.mapValues { Facts(size: $0.lfs_size ?? $0.size, blob: $0.blob_id, sha256: $0.lfs_sha256) })
  }

  /// What to keep in the cache; nil where too little is known.
  func kept() -> String? {
    var entries: [String: TreeFile.Entry] = [:]
    for (name, facts) in files {
      guard let facts else { return nil }
      entries[name] = TreeFile.Entry(
        size: facts.size, blob_id: facts.blob, lfs_sha256: facts.sha256,
        lfs_size: facts.sha256.map { _ in facts.size })
    }
    return try? jsonText(TreeFile(format_version: TreeFile.version, files: entries))
  }
}

extension HubListing.Facts {
  /// Nil where a part is missing or cannot be.
  init?(size: Int?, blob: String, sha256: String?) {
    guard let size, size >= 0, isHexadecimal(blob, digits: 40) else { return nil }
    guard sha256.map({ isHexadecimal($0, digits: 64) }) ?? true else { return nil }
    self.size = size
    self.blob = blob
    self.sha256 = sha256
  }
}
