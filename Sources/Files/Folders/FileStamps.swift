import Foundation

/// What files look like from outside, to tell later whether one has changed.
package struct FileStamps: Equatable, Sendable {
  struct Stamp: Equatable, Sendable {
    let size: Int
    let seconds: Int
    let nanoseconds: Int
    let number: UInt
  }
  private var stamps: [String: Stamp] = [:]

  /// Of files and of all that is in folders, apart from what is hidden and from editors' copies.
  ///
  /// Links to files are followed; those to folders only where they are named themselves.
  /// - Parameter left: the real path of a folder that is left out.
  package init(of paths: [String], without left: String?) {
    for path in paths { add(path, without: left) }
  }

  private mutating func add(_ path: String, without left: String?) {
    guard let real = realPath(path), real != left else { return }
    var status = stat()
    guard stat(real, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      if let folder = try? OpenFolder(real) { add(folder, without: left) }
    } else {
      stamps[path] = Stamp(status)
    }
  }

  private mutating func add(_ folder: OpenFolder, without left: String?) {
    for name in (try? folder.names()) ?? [] where !name.encoded.hasPrefix(".") && !name.encoded.hasSuffix("~") {
      let path = "\(folder.path)/\(name.encoded)"
      if folder.kind(of: name) == .folder {
        if path != left, let inner = try? folder.folder(name) { add(inner, without: left) }
      } else if let stamp = folder.stamp(of: name) {
        stamps[path] = stamp
      }
    }
  }

  /// The first file, by its path, that is there in one of both only or is another.
  package func firstDifference(from other: FileStamps) -> String? {
    Set(stamps.keys).union(other.stamps.keys).filter { stamps[$0] != other.stamps[$0] }.min()
  }
}

extension FileStamps.Stamp {
  init(_ status: stat) {
    size = Int(status.st_size)
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    number = UInt(status.st_ino)
  }
}

extension OpenFolder {
  /// Of a file, with a link followed; nil where there is none.
  func stamp(of name: Name) -> FileStamps.Stamp? {
    var status = stat()
    guard fstatat(descriptor, name.bytes, &status, 0) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FileStamps.Stamp(status)
  }
}
