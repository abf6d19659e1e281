import Diagnostics

/// What is done about images that cannot be read, and masks that cannot be used.
package enum UnreadableImages: String, Sendable, CaseIterable {
  /// All of them are named, and nothing is begun.
  case stop
  /// They are named, and the work goes on without.
  case skip
}

/// How many images cannot be read, and how many masks cannot be used.
package struct UnreadableCount: Equatable, Sendable, CustomStringConvertible {
  let images: Int
  let masks: Int

  /// Lines in which they are named; of more, only the number is given.
  static let mostNamed = 20

  var all: Int { images + masks }

  package var description: String {
    [(images, "image"), (masks, "mask")].filter { $0.0 > 0 }.map { counted($0.0, $0.1) }.joined(separator: " and ")
  }

  /// What they cannot be.
  var verb: String { masks == 0 ? "read" : "used" }
}

extension [ImageCheck.Failure] {
  var unreadable: UnreadableCount {
    let masks = count(where: { $0.object != nil })
    return UnreadableCount(images: count - masks, masks: masks)
  }

  /// Says what is left out, where that is chosen and something is left.
  ///
  /// - Parameters:
  ///   - isAll: whether there is a set without any other image.
  ///   - option: how to go on without, in words.
  /// - Throws: `BuildError.unreadableImages` otherwise.
  func settle(
    _ choice: UnreadableImages, isAll: Bool, option: String, progress: any ProgressReporter
  ) throws(BuildError) {
    guard !isEmpty else { return }
    let (named, count) = (prefix(UnreadableCount.mostNamed).map(\.words), unreadable)
    guard choice == .skip, !isAll else { throw .unreadableImages(named, count: count, option: option) }
    for line in named { progress.remark("left out: \(line)") }
    let reasons = UnreadableReason.list(self)
    progress.remark(
      "\(count) left out because they cannot be \(count.verb)" + (reasons.isEmpty ? "" : ": \(reasons)"))
  }
}
