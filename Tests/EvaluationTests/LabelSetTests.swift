import Evaluation
import Testing

@Suite struct `Label sets held against what heads follow` {
  @Test func `count the heads whose set holds it, beside all permutations of the sets`() throws {
    let truth = try #require(
      LabelSetTruth(
        sets: [["Colour", "Count"], ["Count"], ["Object", "Colour"], [], ["Object"]],
        truths: ["Colour", "Colour", "Colour", "Colour", nil]))
    // A head without a set, and one that follows nothing, are left out.
    #expect(truth.heads == 3)
    #expect(abs(truth.coverage - 2.0 / 3) < 1e-12 && abs(truth.first - 1.0 / 3) < 1e-12)
    #expect(abs(truth.size - 5.0 / 3) < 1e-12)
    // All three follow colour, so that permuting changes nothing.
    #expect(abs(truth.permuted - truth.coverage) < 1e-12)
    #expect(LabelSetTruth(sets: [[], ["Colour"]], truths: ["Colour", nil]) == nil)
  }
}
