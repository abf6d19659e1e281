import Files

/// Identifiers of images, which name files and pages of the site: unique without regard to case.
///
/// An image's identifier is its file name without extension, with those of the folders before it in the set. Where several files share it, the one whose name needs the
/// least changes for it keeps it, and the others' file names decide what is added: `cat.jpg` is `cat`, `cat.png` is
/// `cat-png`, `Cat.jpg` is `cat-` and six digits of a hash. So a file that is added later changes no identifier but where
/// it takes one that is shared.
///
/// - Parameter names: paths of the files from the set's folder on, each once.
func imageIdentifiers(_ names: [String]) -> [String] {
  let order = ["jpg", "jpeg", "png", "webp"]
  return distinctIdentifiers(names, starts: names.map { uniqueSlug(stemAndExtension($0).stem) }) { name, start in
    let (stem, suffix) = stemAndExtension(name)
    let isExact = stem == start && !slug(suffix).isEmpty && suffix != "jpg"
    let isInFolder = name.utf8.contains(UInt8(ascii: "/"))
    return IdentifierClaim(
      changes: (stem == uniqueSlug(stem) ? 0 : 1) + (isInFolder ? 1 : 0),
      place: order.firstIndex(of: suffix) ?? order.count,
      addition: isExact ? slug(suffix) : nil)
  }
}

/// A path without its extension and with hyphens for slashes, and the extension.
private func stemAndExtension(_ path: String) -> (stem: String, suffix: String) {
  let bytes = path.utf8
  guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else {
    let (name, suffix) = nameAndExtension(path)
    return (name, suffix)
  }
  let (name, suffix) = nameAndExtension(String(path[bytes.index(after: slash)...]))
  return (path[..<slash].replacing("/", with: "-") + "-" + name, suffix)
}

/// Identifiers of texts, no two of which are equal: each that of its letters, and where several share one (`t shirt` and
/// `t-shirt`, `black` and `Black`) the one that needs the least changes keeps it; the others get digits of a hash.
func textIdentifiers(_ texts: [String]) -> [String] {
  distinctIdentifiers(texts, starts: texts.map(uniqueSlug)) { text, start in
    let changes = text == String(start.map { $0 == "-" ? " " : $0 }) ? 0 : text == start ? 1 : 2
    return IdentifierClaim(changes: changes, place: 0, addition: nil)
  }
}

/// The identifier of a contrast's page, at most 120 bytes long.
///
/// - Parameters:
///   - image: the identifier of the image.
///   - texts: the identifiers of the texts.
func contrastIdentifiers(_ contrasts: [(image: String, texts: [String])]) -> [String] {
  let names = contrasts.map { $0.image + "-" + $0.texts.joined(separator: "-or-") }
  let starts = names.map { name in
    guard name.utf8.count > longestContrast else { return name }
    // Twelve digits: what has one start and one end may differ between them.
    return String(name.unicodeScalars.prefix(longestContrast - 13)) + "-" + hexDigest(of: name.utf8).prefix(12)
  }
  // Where a hyphen is one of an identifier and where one between two is not seen any more.
  let wholes = contrasts.map { ([$0.image] + $0.texts).joined(separator: "/") }
  return distinctIdentifiers(wholes, starts: starts) { _, _ in
    IdentifierClaim(changes: 0, place: 0, addition: nil)
  }
}

/// With digits that tell two apart, below the 120 bytes that a name of the site may have.
private let longestContrast = 113

/// What a name has to say for keeping an identifier that others start with too.
private struct IdentifierClaim {
  /// How much is changed to make it.
  let changes: Int
  let place: Int
  /// What tells it apart without a hash.
  let addition: String?
}

/// - Parameters:
///   - names: each once; where a contrast is described twice it stands here twice, which is said elsewhere.
///   - starts: the identifiers that they would have alone, in lower case.
private func distinctIdentifiers(
  _ names: [String], starts: [String], _ claim: (_ name: String, _ start: String) -> IdentifierClaim
) -> [String] {
  var taken = Set(starts)
  guard taken.count < starts.count else { return starts }
  var groups: [String: [Int]] = [:]
  for (index, start) in starts.enumerated() { groups[start, default: []].append(index) }
  var identifiers = starts
  for (start, places) in groups.sorted(by: { $0.key < $1.key }) where places.count > 1 {
    let claims = places.map { (index: $0, claim: claim(names[$0], start)) }
    let ordered = claims.sorted {
      ($0.claim.changes, $0.claim.place, names[$0.index]) < ($1.claim.changes, $1.claim.place, names[$1.index])
    }
    for (index, claim) in ordered.dropFirst() {
      let digest = hexDigest(of: Array(names[index].utf8))
      // All digits of the hash in the end, which no other name has.
      let additions = (claim.addition.map { [$0] } ?? []) + [String(digest.prefix(6)), digest]
      let candidates = additions.map { start + "-" + $0 }
      identifiers[index] = candidates.first { !taken.contains($0) } ?? start + "-" + digest
      taken.insert(identifiers[index])
    }
  }
  return identifiers
}
