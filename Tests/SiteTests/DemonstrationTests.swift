import Foundation
import Site
import TestSupport
import Testing

@Suite struct DemonstrationTests {
  static let place = ProcessInfo.processInfo.environment["HEADATLAS_DEMONSTRATION"]

  /// To look at, and for the browser tests: `HEADATLAS_DEMONSTRATION=/some/folder swift test --filter written`.
  @Test(.enabled(if: place != nil, "needs HEADATLAS_DEMONSTRATION, a folder"))
  func `the demonstration is written to the folder of HEADATLAS_DEMONSTRATION`() throws {
    let place = try #require(Self.place)
    try Fixtures.withTemporaryFolder { images in
      var gallery: [String] = []
      if let folder = Fixtures.shared("picture-world/gallery"), let photos = Fixtures.shared("real/photos") {
        gallery =
          ["gallery-000.png", "gallery-001.png", "gallery-002.png"].map { "\(folder)/\($0)" }
          + ["photo-01.jpg", "photo-04.jpg", "photo-14.png"].map { "\(photos)/\($0)" }
      }
      let content = try Demonstration.content(images: images, gallery: gallery)
      let report = try writeSite(content, options: Demonstration.options, to: place) { print($0) }
      print(report)
      #expect(report.pages > 100)
    }
  }
}
