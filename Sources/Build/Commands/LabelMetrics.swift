import Diagnostics
import Files
import Foundation
import Metrics

/// `headatlas metrics`: entanglement and association of every model in a file of labels.
///
/// - Parameters:
///   - labels: a file with `{"MODEL": {"L8.H0": "Label", …}}`.
///   - judgements: a file with `{"MODEL": {"L8.H0": [1, 0, 1, 1, 0]}}`.
/// - Returns: JSON where `asJSON`, else a table; no line end after it.
package func labelMetrics(labels: String, judgements: String?, asJSON: Bool) throws -> String {
  let tables: [String: [String: String]] = try decoded(
    labels, expected: "{\"MODEL\": {\"L8.H0\": \"Label\"}}")
  let judged: [String: [String: [Int]]] =
    try judgements.map {
      try decoded($0, expected: "{\"MODEL\": {\"L8.H0\": [1, 0, 1, 1, 0]}}")
    } ?? [:]
  if let judgements, let unknown = judged.keys.sorted().first(where: { tables[$0] == nil }) {
    throw BuildError.judgementsWithoutLabels(file: judgements, model: unknown, labels: labels)
  }
  var reports: [String: LabelReport] = [:]
  for (model, table) in tables {
    do {
      reports[model] = try LabelReport(labels: table, judgements: judged[model])
    } catch let error as LabelReportError {
      throw BuildError.labels(file: judgements ?? labels, model: model, error)
    }
  }
  return asJSON ? try LabelReport.json(reports) : table(reports)
}

private func decoded<Value: Decodable>(_ file: String, expected: String) throws -> Value {
  let bytes = Data(try readFile(file))
  guard let value = try? JSONDecoder().decode(Value.self, from: bytes) else {
    throw BuildError.notJSON(file: file, expected: expected)
  }
  return value
}

private func table(_ reports: [String: LabelReport]) -> String {
  reports.keys.sorted().compactMap { model in
    reports[model].map { report in
      func line(_ name: String, _ value: String) -> String { "  \(name): \(value)" }
      var lines = [
        model, line("heads", "\(report.heads)"),
        line("shared_label_share", decimal(report.sharedLabelShare)),
        line("unique_label_share", decimal(report.uniqueLabelShare)),
        line("shared_label_share_size_corrected", decimal(report.sharedLabelShareSizeCorrected)),
      ]
      if let association = report.associationScore { lines.append(line("association_score", decimal(association))) }
      if let counts = report.ccsAtK { lines.append(line("ccs_at_k", counts.map(decimal).joined(separator: " "))) }
      if let ccr = report.ccr { lines.append(line("ccr", decimal(ccr))) }
      return lines.map(onOneLine).joined(separator: "\n")
    }
  }.joined(separator: "\n")
}

private func decimal(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
