import Files

/// The files and folders that an atlas is built from, as far as its description can be read: those that are not there yet
/// too, and the templates that travel with the program.
package func atlasInputs(configuration file: String) -> [String] {
  let base = folder(of: file)
  var paths = [file]
  var captions: [String] = []

  func add(_ value: ConfigurationValue) {
    switch value.kind {
    case .mapping(let entries):
      for entry in entries {
        if inputKeys.contains(entry.key), case .text(let path) = entry.value.kind {
          let name = path.hasPrefix(localPrefix) ? String(path.dropFirst(localPrefix.count)) : path
          // Several archives are named by a pattern.
          let isThere = FileKind(of: resolve(name, in: base)) != nil
          paths += (isThere ? [name] : bracesExpanded(name) ?? [name]).map { resolve($0, in: base) }
          if entry.key == "captions", let last = paths.last { captions.append(last) }
        } else {
          add(entry.value)
        }
      }
    case .list(let values): values.forEach(add)
    case .null, .text: break
    }
  }

  if let root = (try? ConfigurationValue(yamlFile: file)).flatMap({ $0 }) { add(root) }
  // Where plugins are found by their identifiers.
  paths.append(base + "/Plugins")
  // Masks are named by captions, relative to the images, which lie beside them or in a folder beside.
  for file in captions { paths += masks(namedIn: file, images: paths) }
  if let templates = try? templatesFolder() { paths.append(templates) }
  return paths
}

/// The keys of a description whose values are paths.
private let inputKeys: Set<String> = [
  "captions", "commentary", "descriptions", "examples", "folder", "images", "labels", "pages", "path", "pool",
  "prompts", "replies",
  "sections", "templates", "texts",
]

/// Says that a model's name is a path.
private let localPrefix = "local-dir:"

/// - Parameter images: the folders from which the paths may start.
private func masks(namedIn captions: String, images: [String]) -> [String] {
  var names: Set<String> = []
  func add(_ value: ConfigurationValue) {
    switch value.kind {
    case .mapping(let entries):
      for entry in entries {
        if entry.key == "mask", case .text(let name) = entry.value.kind { names.insert(name) } else { add(entry.value) }
      }
    case .list(let values): values.forEach(add)
    case .null, .text: break
    }
  }
  try? forEachJSONLine(of: captions) { _, value in
    if let value { add(value) }
    return true
  }
  let folders = images.filter { FileKind(of: $0) == .folder }
  return names.sorted().flatMap { name in folders.map { resolve(name, in: $0) } }
}
