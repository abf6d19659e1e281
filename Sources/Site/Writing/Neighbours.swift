import Analysis

/// The previous and the next page of each page, among the pages of its kind.
struct Neighbours: Sendable {
  struct Pair: Sendable {
    var previous: Int?
    var next: Int?
  }
  private var pairs: [Address: Pair] = [:]

  init(_ pages: PageIndex) {
    var last: [String: Int] = [:]
    for (place, page) in pages.pages.enumerated() {
      guard case .subject(let subject) = page.kind else { continue }
      // Heads and layers have neighbours of their own model.
      let row = "\(subject.kind) \(subject.model ?? "")"
      if case .model = subject { continue }
      if let before = last[row] {
        pairs[page.address, default: Pair()].previous = before
        pairs[pages.pages[before].address, default: Pair()].next = place
      }
      last[row] = place
    }
  }

  subscript(_ page: Address) -> Pair? { pairs[page] }
}
