import Analysis
import Testing

@Suite struct `What several analyses ask for` {
  private struct Failure: Error {}

  @Test func `is made once for each name, and again after a failure`() throws {
    let memo = EvidenceMemo()
    var made = 0
    func ask(_ name: String, fails: Bool = false) throws -> Int {
      try memo.value(name) {
        made += 1
        if fails { throw Failure() }
        return made
      }
    }
    #expect(throws: Failure.self) { try ask("a", fails: true) }
    #expect(try ask("a") == 2)
    #expect(try ask("a") == 2)
    #expect(try ask("b") == 3)
    #expect(try memo.value("a") { "of another kind" } == "of another kind")
  }
}
