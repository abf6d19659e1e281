import Diagnostics
import Files
import Foundation

/// Puts something in the place of standard streams that whoever started the program has closed: else the next file that is
/// opened would be one of them, and get our messages.
func openStreams() {
  for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
    // The lowest that is free is taken. A result must not seem to be written; a message may.
    _ = open("/dev/null", descriptor == STDERR_FILENO ? O_RDWR : O_RDONLY)
  }
}

/// Writes a result, in which names from outside may stand, as one line to standard output.
///
/// - Throws: as `printDocument` does.
func printResult(_ line: some CustomStringConvertible) throws { try printResults(["\(line)"]) }

/// The same of several lines; nothing where there are none.
func printResults(_ lines: [String]) throws {
  guard !lines.isEmpty else { return }
  try printDocument(lines.map(onOneLine).joined(separator: "\n"))
}

/// Writes a text that has its own lines and no names but in its own quotes, such as JSON, and an end of line to standard
/// output.
///
/// - Throws: `FileError` where it cannot be written: what reads it must not take a part for the whole.
func printDocument(_ text: String) throws {
  guard write("\(text)\n", to: STDOUT_FILENO) else { throw FileError.failedWrite("standard output") }
}

/// Writes a message or progress to standard error; where that cannot be written the work goes on without.
func say(_ message: String) { _ = write(message, to: STDERR_FILENO) }

/// Writes a message, in which names from outside may stand, as one line to standard error.
func sayLine(_ message: String) { say(onOneLine(message) + "\n") }

/// - Returns: whether all of it was written; `errno` says why not.
private func write(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { bytes in retried { Foundation.write(descriptor, bytes.baseAddress, bytes.count) }
    }
    guard count > 0 else { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
