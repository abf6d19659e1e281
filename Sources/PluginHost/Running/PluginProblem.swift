import Diagnostics
import Foundation

/// What can go wrong with a program that is a plugin, in facts; `description` words each on one line.
package enum PluginProblem: Error, Equatable, CustomStringConvertible {
  case notStarted(reason: String)
  case ended(status: Int)
  case killed(signal: Int)
  case tooSlow(seconds: Int)
  case tooMuchOutput(megabytes: Int)
  /// What must be computed for it of one model.
  case tooMuchEvidence(megabytes: Int, limit: Int)
  case noVersion(found: String)
  case otherVersion(String)
  /// The answer stops in the middle of a line, or before its last.
  case cutShort(lines: Int)
  case afterEnd(line: Int)
  case notJSON(line: Int, String)
  case message(line: Int, ShapeProblem)
  /// A section that the atlas has no place for, or that contradicts itself.
  case section(line: Int, title: String, subject: String, String)
  case value(line: Int, key: String)

  package var description: String {
    switch self {
    case .notStarted(let reason): "it cannot be started: \(reason)"
    case .ended(let status):
      "it ended with exit status \(status), expected 0" + (status == 127 ? "; is its program installed?" : "")
    case .killed(let signal):
      "it was ended by signal \(signal) (\(String(cString: strsignal(Int32(signal))).lowercased())); "
        + "where it needs more memory or time, raise limits in plugin.yml"
    case .tooSlow(let seconds):
      "it took more than \(counted(seconds, "second")) and was ended; raise limits: seconds in plugin.yml"
    case .tooMuchOutput(let megabytes):
      "it wrote more than \(megabytes) MB and was ended; raise limits: output in plugin.yml"
    case .tooMuchEvidence(let megabytes, let limit):
      "it asks for \(megabytes) MB that must be computed (probe-mlps, gallery-attention, patches), expected at most "
        + "\(limit) of one model; ask for less, or raise limits: evidence in plugin.yml"
    case .noVersion(let found):
      "its first line is \(found.isEmpty ? "missing" : quoted(found)), expected \(PluginVersion.line)"
    case .otherVersion(let version):
      "it speaks version \(quoted(version)) of the protocol, expected \(PluginVersion.major).…"
    case .cutShort(let lines):
      "its answer stops after \(counted(lines, "whole line")), expected {\"end\": true} on the last"
    case .afterEnd(let line): "line \(line): more after {\"end\": true}, expected nothing"
    case .notJSON(let line, let words): "line \(line): \(words)"
    case .message(let line, let problem): "line \(line): \(problem)"
    case .section(let line, let title, let subject, let words):
      "line \(line): section \(quoted(title)) of \(subject.isEmpty ? "the atlas" : oneLine(subject)): \(oneLine(words))"
    case .value(let line, let key):
      "line \(line): \(quoted(key)) cannot be the name of a value; expected letters, digits, - _ . and /"
    }
  }
}

/// A plugin that failed, with the last lines that it wrote to standard error.
package struct PluginFailure: Error, CustomStringConvertible {
  package let problem: PluginProblem
  /// Nil where it looks at all models.
  package let model: String?
  package let lastLines: [String]

  package var description: String {
    "\(problem)"
      + (lastLines.isEmpty ? "" : "; its last words were \(lastLines.map(quoted).joined(separator: ", "))")
  }
}
