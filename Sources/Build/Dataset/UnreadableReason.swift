import Diagnostics
import Images

/// Why an image cannot be read, for counts.
enum UnreadableReason: Hashable, Sendable {
  case file, empty, damaged, other(OtherFormat), unknownFormat, tooLarge

  init(_ error: any Error) {
    switch error as? ImageError {
    case .empty: self = .empty
    case .damaged, .notEncoded: self = .damaged
    case .unread(_, let format): self = .other(format)
    case .unknownFormat: self = .unknownFormat
    case .tooLarge: self = .tooLarge
    case nil, .misshapenMask: self = .file
    }
  }

  /// How many images there are of each reason, masks left out: `2 damaged, 1 empty`.
  static func list(_ failures: [ImageCheck.Failure]) -> String {
    Dictionary(grouping: failures.compactMap(\.reason)) { $0 }.map { reason, all in
      (reason.order, reason.words(all.count))
    }
    .sorted { $0 < $1 }.map(\.1).joined(separator: ", ")
  }

  private var order: Int {
    switch self {
    case .file: 0
    case .empty: 1
    case .damaged: 2
    case .other: 3
    case .unknownFormat: 4
    case .tooLarge: 5
    }
  }

  private func words(_ count: Int) -> String {
    switch self {
    case .file: "\(count) without a file that can be read"
    case .empty: "\(count) empty"
    case .damaged: "\(count) damaged"
    case .other(let format): counted(count, format.noun)
    case .unknownFormat: "\(count) of an unknown format"
    case .tooLarge: "\(count) too large"
    }
  }
}
