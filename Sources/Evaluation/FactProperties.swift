import Analysis

/// Which property of the atlas each fact of the scenes is.
struct FactProperties {
  private let titles: [String: String]

  init(_ evidence: ModelEvidence) {
    let (probe, gallery) = (evidence.probe.items.lazy.map(\.facts), evidence.gallery.items.map(\.facts))
    var values: [String: Set<String>] = [:]
    func collect(_ facts: SceneFacts) {
      for fact in SceneFacts.names(in: CollectionOfOne(facts)) {
        values[fact, default: []].formUnion(facts.values(of: fact))
      }
    }
    probe.forEach(collect)
    gallery.forEach(collect)
    let named = evidence.properties.map {
      NamedProperty(names: [$0.id.lowercased(), $0.title.lowercased()], words: Set($0.words))
    }
    titles = values.reduce(into: [:]) { titles, entry in
      titles[entry.key] = NamedProperty.index(ofFact: entry.key, values: entry.value, in: named).map {
        evidence.properties[$0].title
      }
    }
  }

  /// The title of the property that a fact is, or the fact's own name where it is none.
  func title(of fact: String) -> String { titles[fact] ?? fact }

  /// The facts that are the property with this title, sorted.
  func facts(of title: String) -> [String] { titles.filter { $0.value == title }.keys.sorted() }
}
