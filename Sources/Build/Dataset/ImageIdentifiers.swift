import Files

/// Identifiers of images, which name files and pages of the site: unique without regard to case.
///
/// An image's identifier is its file name without extension. Where several files share it, the one whose name needs the
/// least changes for it keeps it, and the others' file names decide what is added: `cat.jpg` is `cat`, `cat.png` is
/// `cat-png`, `Cat.jpg` is `cat-` and six digits of a hash. So a file that is added later changes no identifier but where
/// it takes one that is shared.
///
/// - Parameter names: of the files, each once.
func imageIdentifiers(_ names: [String]) -> [String] {
  let stems = names.map { uniqueSlug(nameAndExtension($0).name) }
  var groups: [String: [Int]] = [:]
  for (place, stem) in stems.enumerated() { groups[stem, default: []].append(place) }
  guard groups.count < names.count else { return stems }
  var identifiers = stems
  var taken = Set(stems)
  for (stem, places) in groups.sorted(by: { $0.key < $1.key }) where places.count > 1 {
    for place in places.sorted(by: { rank(names[$0]) < rank(names[$1]) }).dropFirst() {
      identifiers[place] = addition(names[place], stem, &taken)
    }
  }
  return identifiers
}

/// Names in the order in which they may keep an identifier that they share.
private func rank(_ name: String) -> (Int, Int, String) {
  let (stem, suffix) = nameAndExtension(name)
  let order = ["jpg", "jpeg", "png", "webp"]
  return (stem == uniqueSlug(stem) ? 0 : 1, order.firstIndex(of: suffix) ?? order.count, name)
}

private func addition(_ name: String, _ stem: String, _ taken: inout Set<String>) -> String {
  let (ownStem, suffix) = nameAndExtension(name)
  let digest = hexDigest(of: Array(name.utf8))
  let isExact = ownStem == stem && !slug(suffix).isEmpty && suffix != "jpg"
  // All digits of the hash in the end, which no other file name has.
  let candidates = (isExact ? ["\(stem)-\(slug(suffix))"] : []) + ["\(stem)-\(digest.prefix(6))", "\(stem)-\(digest)"]
  let identifier = candidates.first { !taken.contains($0) } ?? "\(stem)-\(digest)"
  taken.insert(identifier)
  return identifier
}
