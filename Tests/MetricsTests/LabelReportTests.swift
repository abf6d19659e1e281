import Foundation
import Metrics
import TestSupport
import Testing

@Suite struct `Entanglement` {
  private static let file = Fixtures.shared("data/published_head_labels.json")
  /// Model, heads, and how many of them share no label.
  private static let models: [(String, Int, Int)] = [
    ("ViT-B-32/openai", 48, 21), ("ViT-B-16/laion2b_s34b_b88k", 48, 26), ("ViT-B-16/openai", 48, 24),
    ("ViT-B-32/datacomp_m_s128m_b4k", 48, 25), ("ViT-L-14/openai", 64, 23), ("ViT-L-14/laion2b_s32b_b82k", 64, 22),
  ]

  @Test(.enabled(if: file != nil, "needs ../shared/data"), arguments: models)
  func `of the released labels has the published unique-label share`(model: String, heads: Int, unique: Int) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: try #require(Self.file)))
    let labels = try #require(try JSONDecoder().decode([String: [String: String]].self, from: data)[model])
    let report = try LabelReport(labels: labels)
    #expect(report.heads == heads && report.labelledHeads == heads)
    #expect(abs(report.uniqueLabelShare - Double(unique) / Double(heads)) < 1e-12)
    #expect(abs(report.sharedLabelShare + report.uniqueLabelShare - 1) < 1e-12)
    // Fewer heads collide less often; 48 of 48 collide as they are.
    if heads == 48 { #expect(abs(report.sharedLabelShareSizeCorrected - report.sharedLabelShare) < 1e-12) }
    if heads > 48 { #expect(report.sharedLabelShareSizeCorrected < report.sharedLabelShare) }
  }

  @Test(arguments: [
    (["Color", "colors", "Shape"], 2), (["Animal", "ANIMALS"], 2), (["Bird", "Animal"], 0),
    (["Location", "Location."], 2),
    (["a", "ab", "b"], 2), (["Pets", "Pets", "Pets"], 3), (["ambiguous", "Ambiguous", "Bird"], 0), ([""], 0),
  ]) func `counts labels as shared by the prefix rule`(names: [String], shared: Int) throws {
    let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ("L0.H\($0)", $1) })
    let report = try LabelReport(labels: labels)
    #expect(report.heads == names.count)
    #expect(abs(report.sharedLabelShare * Double(report.labelledHeads) - Double(shared)) < 1e-12)
  }

  @Test func `corrected for size is what drawing every 48 of 50 heads gives`() throws {
    // Three heads share one label, two another, the rest are alone.
    var names = ["a", "a", "a", "b", "b"]
    names += (0..<45).map { "single \($0) end" }.map { String($0.reversed()) }
    let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ("L0.H\($0)", $1) })
    var sum = 0.0
    var draws = 0
    for first in 0..<50 {
      for second in 0..<first {
        let kept = labels.filter { $0.key != "L0.H\(first)" && $0.key != "L0.H\(second)" }
        sum += try LabelReport(labels: kept).sharedLabelShare
        draws += 1
      }
    }
    let report = try LabelReport(labels: labels)
    #expect(report.sizeCorrectedHeads == 48)
    #expect(abs(report.sharedLabelShareSizeCorrected - sum / Double(draws)) < 1e-12)
  }

  @Test func `of nothing is nothing`() throws {
    let report = try LabelReport(labels: [:])
    #expect(report.heads == 0 && report.sharedLabelShare == 0 && report.sharedLabelShareSizeCorrected == 0)
  }
}

@Suite struct `Association` {
  private let labels = ["L0.H0": "Colour", "L0.H1": "colours", "L0.H2": "Shape", "L0.H3": "Place", "L0.H4": "Place"]

  @Test func `counts judgements of five descriptions`() throws {
    let report = try LabelReport(
      labels: labels,
      judgements: [
        "L0.H0": [1, 1, 1, 1, 1], "L0.H1": [1, 1, 1, 1, 1], "L0.H2": [1, 1, 1, 1, 1], "L0.H3": [1, 0, 1, 1, 0],
      ])
    #expect(report.judgedHeads == 4)
    #expect(report.associationScore == 1)
    #expect(report.ccsAtK == [0, 0, 0, 0.25, 0, 0.75])
    #expect(report.ccsHigh == 3 && report.ccsModerate == 1 && report.ccsLow == 0)
    #expect(report.ccr == 1.0 / 3)
  }

  @Test func `is absent where nobody judged`() throws {
    for judgements in [nil, [:]] as [[String: [Int]]?] {
      let report = try LabelReport(labels: labels, judgements: judgements)
      #expect(report.associationScore == nil && report.ccsAtK == nil && report.ccr == nil)
      #expect(!(try report.json).contains("association_score"))
    }
  }

  @Test func `has no CCR where no head is coherent`() throws {
    let report = try LabelReport(labels: labels, judgements: ["L0.H0": [0, 0, 0, 0, 1]])
    #expect(report.ccr == nil && report.associationScore == 0 && report.ccsLow == 1)
  }

  @Test(arguments: [[], [1, 1, 1, 1], [1, 1, 1, 1, 2], [1, 1, 1, 1, -1], [1, 1, 1, 1, 1, 1]])
  func `refuses judgements that are not five of 0 and 1`(values: [Int]) {
    #expect(throws: LabelReportError.judgements(head: "L0.H0", found: values)) {
      try LabelReport(labels: labels, judgements: ["L0.H0": values])
    }
  }

  @Test func `refuses judgements of a head without label`() {
    #expect(throws: LabelReportError.unlabelled(head: "L9.H9")) {
      try LabelReport(labels: labels, judgements: ["L9.H9": [1, 1, 1, 1, 1]])
    }
  }
}

@Suite struct `A label report as JSON` {
  @Test func `has a definition for every figure, and figures for every definition`() throws {
    let report = try LabelReport(labels: ["L0.H0": "Colour"], judgements: ["L0.H0": [1, 1, 1, 1, 1]])
    let keys = try #require(try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]).keys
    let counts: Set = ["heads", "labelled_heads", "judged_heads", "size_corrected_heads"]
    #expect(Set(keys).subtracting(counts) == Set(LabelReport.definitions.map(\.id)))
    #expect(Set(LabelReport.published.map(\.metric)).isSubset(of: LabelReport.definitions.map(\.id)))
  }

  @Test func `is the same every time and sorted`() throws {
    let report = try LabelReport(labels: ["L0.H0": "Colour", "L0.H1": "Place"])
    let json = try LabelReport.json(["b": report, "a": report])
    #expect(json == (try LabelReport.json(["a": report, "b": report])))
    let names = json.split(separator: "\n").filter { $0.hasPrefix("  \"") }.map(String.init)
    #expect(names == names.sorted() && names.count == 2)
  }
}
