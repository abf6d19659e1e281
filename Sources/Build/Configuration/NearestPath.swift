import Diagnostics
import Files
import Foundation

/// The path that a missing one was perhaps meant to be: its folder's file or folder of the nearest name, written the
/// way that `path` is.
///
/// Nil where the folder is missing too, or nothing in it has a name like it.
///
/// - Parameter base: the folder that relative paths start from.
func nearestPath(to path: String, in base: String) -> String? {
  let place = folder(of: resolve(path, in: base))
  guard let names = try? FileManager.default.contentsOfDirectory(atPath: place),
    let nearest = nearestName(to: fileName(path), in: names)
  else { return nil }
  return path.contains("/") ? "\(folder(of: path) == "/" ? "" : folder(of: path))/\(nearest)" : nearest
}
