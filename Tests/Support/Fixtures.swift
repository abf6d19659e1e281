import Foundation

/// Where tests find their files.
package enum Fixtures {
  /// The root of the package.
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A file that a script of the repository made: `Tests/Goldens/<path>`.
  package static func golden(_ path: String) -> String { root.appendingPathComponent("Tests/Goldens/\(path)").path }

  /// A file beside the project, for trials with real checkpoints and images; nil where the folder is absent.
  ///
  /// Tests that need one are `.enabled(if: Fixtures.shared("real") != nil, "needs ../shared/real")`.
  package static func shared(_ path: String) -> String? {
    let folder = ProcessInfo.processInfo.environment["HEADATLAS_SHARED"] ?? root.path + "/../shared"
    let file = folder + "/" + path
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  /// A new empty folder, removed when `body` returns.
  package static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headatlas-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  /// Makes an empty file whose name is not UTF-8: the bytes of `caf`, an é of Latin-1, and `ending`.
  ///
  /// - Returns: the name as a shell takes it.
  package static func makeUndecodableFile(in folder: String, ending: String = "") -> String {
    let path = (folder + "/caf").utf8CString.dropLast() + [CChar(bitPattern: 0xE9)] + ending.utf8CString
    close(creat(Array(path), 0o644))
    return #"$'caf\xe9\#(ending)'"#
  }
}

/// The largest difference between two lists of numbers, and where it is; for `#expect` to print.
package struct WorstDifference: CustomStringConvertible, Sendable {
  package let value: Double
  package let index: Int
  package let found: Double
  package let expected: Double

  package init<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(_ found: [A], _ expected: [B]) {
    guard found.count == expected.count else {
      (value, index, self.found, self.expected) = (.infinity, -1, Double(found.count), Double(expected.count))
      return
    }
    var worst = (value: 0.0, index: 0)
    for index in found.indices {
      let difference = abs(Double(found[index]) - Double(expected[index]))
      if !(difference <= worst.value) { worst = (difference.isNaN ? .infinity : difference, index) }
    }
    value = worst.value
    index = worst.index
    self.found = found.isEmpty ? 0 : Double(found[worst.index])
    self.expected = expected.isEmpty ? 0 : Double(expected[worst.index])
  }

  package var description: String { "worst \(value) at index \(index): found \(found), expected \(expected)" }
}
