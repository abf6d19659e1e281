import Build
import Testing

@Suite("Cuts by content") struct ContentCutsTests {
  private func cuts(_ marks: [UInt64]) -> [Range<Int>] {
    contentCuts(marks.count, least: 4, most: 9, spread: 3) { marks[$0] }
  }

  @Test("cover all members once, in runs of the sizes asked for") func cover() {
    var numbers = SystemRandomNumberGenerator()
    for count in 0..<200 {
      let runs = cuts((0..<count).map { _ in numbers.next() })
      #expect(runs.flatMap(Array.init) == Array(0..<count))
      #expect(runs.dropLast().allSatisfy { (4...9).contains($0.count) })
      #expect(runs.last.map { (1...9).contains($0.count) } ?? true)
    }
  }

  @Test("stay where they were beyond the next few members after a change") func local() {
    var state: UInt64 = 7
    let marks = (0..<3000).map { _ -> UInt64 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let before = Set(cuts(marks).map { Array(marks[$0]) })
    for place in stride(from: 10, to: 3000, by: 97) {
      for change in 0..<3 {
        var changed = marks
        if change == 0 {
          changed.insert(1, at: place)
        } else if change == 1 {
          changed.remove(at: place)
        } else {
          changed[place] = 5
        }
        let others = cuts(changed).filter { !before.contains(Array(changed[$0])) }
        #expect(others.count <= 14, "place \(place), change \(change): \(others.count) runs")
      }
    }
  }

  @Test("into groups of even weight cover all, end where groups of more end, and move with what is around them")
  func groups() {
    var numbers = SystemRandomNumberGenerator()
    for count in [0, 1, 2, 7, 64, 200] {
      var end = 0
      let ends = (0..<count).map { _ in
        end += Int.random(in: 1...20, using: &numbers)
        return end
      }
      for number in [1, 2, 8, 64, 300] {
        let groups = evenGroups(ends, count: number)
        #expect(groups.count == number)
        #expect(groups.flatMap(Array.init) == Array(0..<count))
        // What is cut finer is cut at the same places too.
        let finer = Set(evenGroups(ends, count: 4 * number).map(\.upperBound))
        #expect(groups.allSatisfy { finer.contains($0.upperBound) })
      }
    }
  }
}
