extension PluginManifest {
  /// The value of an option of this manifest.
  ///
  /// - Throws: `PluginOptionError` where the value is absent or out of the option's range.
  public func value(of name: String, in options: [String: Int]) throws(PluginOptionError) -> Int {
    guard let option = self.options.first(where: { $0.name == name }) else {
      throw .unknown(plugin: id, option: name)
    }
    guard let value = options[name] else { throw .missing(plugin: id, option: name) }
    guard option.range.contains(value) else {
      throw .outOfRange(plugin: id, option: name, found: value, range: option.range)
    }
    return value
  }

  /// The default value of every option.
  public var defaultOptions: [String: Int] {
    Dictionary(options.map { ($0.name, $0.defaultValue) }, uniquingKeysWith: { first, _ in first })
  }
}

/// What is wrong with the value of a plugin's option.
public enum PluginOptionError: Error, Equatable, CustomStringConvertible {
  case unknown(plugin: String, option: String)
  case missing(plugin: String, option: String)
  case outOfRange(plugin: String, option: String, found: Int, range: ClosedRange<Int>)

  public var description: String {
    switch self {
    case .unknown(let plugin, let option):
      "plugin \(plugin): it reads option \(option), which its manifest does not list; add it to the manifest"
    case .missing(let plugin, let option):
      "plugin \(plugin): no value for option \(option), expected one for every option of the manifest"
    case .outOfRange(let plugin, let option, let found, let range):
      "plugin \(plugin): option \(option) is \(found), expected \(range.lowerBound) to \(range.upperBound); "
        + "use \(min(max(found, range.lowerBound), range.upperBound))"
    }
  }
}
