import Files
import Foundation
import Metrics
import TestSupport
import Testing

@Suite("The identity that labels carry") struct LabelIdentityTests {
  @Test("is none where all labels are one, and whole where each is its own", arguments: [1, 2, 4, 8])
  func planted(different: Int) {
    let identity = LabelIdentity((0..<8).map { "label \("abcdefgh".map(String.init)[$0 % different])" })
    #expect(abs(identity.bits - log2(Double(different))) < 1e-12)
    #expect(abs(identity.share - log2(Double(different)) / 3) < 1e-12)
  }

  @Test("counts heads without a label as alike") func unlabelled() {
    #expect(LabelIdentity([nil, "ambiguous", "", nil]).bits == 0)
    #expect(abs(LabelIdentity([nil, nil, "Bird", "Birds"]).bits - 1) < 1e-12)
  }

  @Test(
    "and sharing are those published of the released labels",
    .enabled(if: Fixtures.shared("data") != nil, "needs ../shared/data"),
    arguments: [
      ("ViT-B-16/laion2b_s34b_b88k", 0.875), ("ViT-B-32/datacomp_m_s128m_b4k", 0.863), ("ViT-B-32/openai", 0.798),
    ])
  func published(model: String, share: Double) throws {
    let path = try #require(Fixtures.shared("data/published_head_labels.json"))
    let labels = try JSONDecoder().decode([String: [String: String]].self, from: Data(try readFile(path)))
    #expect(abs(LabelIdentity(Array(try #require(labels[model]).values)).share - share) < 0.0005)
  }
}
