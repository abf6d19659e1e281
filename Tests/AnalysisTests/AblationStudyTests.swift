import Analysis
import Attribution
import Evaluation
import Tensors
import TestSupport
import Testing

@Suite struct `An ablation study` {
  private static let golden = Result { try AblationGolden.read() }

  private func study() throws -> AblationStudy {
    try #require(try AblationStudy(Self.golden.get().evidence([4, 3])))
  }

  private func numbers(_ found: [AblationMeasures]) -> [Double] {
    found.flatMap { [$0.similarity, $0.reciprocalRank, $0.firstShare, $0.accuracy].map { $0 ?? .nan } }
  }

  private func numbers(_ expected: [AblationGolden.Study.Measures]) -> [Double] {
    expected.flatMap { [$0.similarity, $0.reciprocalRank, $0.firstShare, $0.accuracy] }
  }

  @Test func `agrees with the long way in float64, head by head, layer by layer and along both orders`() throws {
    let (golden, study) = (try Self.golden.get().study, try study())
    #expect(study.question.images.map(\.place) == golden.images)
    let cases: [(String, [AblationMeasures], [AblationGolden.Study.Measures])] = [
      ("whole", [study.whole], [golden.whole]), ("heads", study.heads, golden.heads),
      ("layers", study.layers.each, golden.layers), ("MLPs", study.mlps.each, golden.mlps),
      ("from the last", study.layers.fromLast, golden.fromLast),
      ("from the first", study.layers.fromFirst, golden.fromFirst),
      ("MLPs from the last", study.mlps.fromLast, golden.mlpsFromLast),
      ("MLPs from the first", study.mlps.fromFirst, golden.mlpsFromFirst),
      ("nothing", [study.nothing], [golden.nothing]),
    ]
    for (name, found, expected) in cases {
      let worst = WorstDifference(numbers(found), numbers(expected))
      #expect(worst.value < 2e-6, "\(name): \(worst)")
    }
  }

  @Test func `begins every order at the plain numbers and ends it at the same`() throws {
    let study = try study()
    for steps in [study.layers, study.mlps] {
      let orders = steps.atRandom(30, seed: 4) + [steps.fromLast, steps.fromFirst]
      for found in orders {
        #expect(found.count == 3 && found[0] == study.whole)
        #expect(WorstDifference(numbers([found[2]]), numbers([steps.fromLast[2]])).value < 1e-12)
      }
      #expect(Set(orders.map { "\($0[1])" }).count == 2, "two layers have two orders")
      #expect(steps.atRandom(30, seed: 4) == Array(orders.prefix(30)))
    }
  }

  @Test func `leaves one embedding for all images where everything is replaced`() throws {
    var golden = try Self.golden.get()
    // Each caption is that of one image, so that one order of captions for all images gives the ranks 1 to 4.
    golden.study.ownCaptions = [0, 3, nil, 1, nil, 2]
    let study = try #require(try AblationStudy(golden.evidence([9])))
    let chance = study.question.chance
    let expected: Double = (12 + 6 + 4 + 3) / 12.0 / 4
    #expect(abs((study.nothing.reciprocalRank ?? 0) - expected) < 1e-12)
    #expect(study.nothing.firstShare == 1 / 4.0 && chance.firstShare == 1 / 4.0)
    #expect(abs((chance.reciprocalRank ?? 0) - expected) < 1e-12)
    // One answer for all: the accuracy is the share of one of the classes.
    let classes = study.question.ownClasses.compactMap { $0 }
    let shares = (0..<3).map { place in Double(classes.count { $0 == place }) / Double(classes.count) }
    #expect(shares.contains(try #require(study.nothing.accuracy)))
    #expect(chance.accuracy == 1 / 3.0 && chance.similarity == nil)
  }

  @Test func `has nothing to say where there is neither a second caption nor a class`() throws {
    var golden = try Self.golden.get()
    golden.study.ownCaptions = [0, nil, nil, 0, nil, nil]
    golden.study.ownClasses = golden.study.ownClasses.map { _ in nil }
    #expect(try AblationStudy(golden.evidence([9])) == nil)
    golden.study.ownCaptions[2] = 1
    let study = try #require(try AblationStudy(golden.evidence([9])))
    #expect(study.whole.accuracy == nil && study.whole.reciprocalRank != nil && study.question.classes == 0)
  }
}
