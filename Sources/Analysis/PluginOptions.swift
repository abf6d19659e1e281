extension PluginManifest {
  /// The value of an option that is a whole number.
  ///
  /// - Throws: `PluginOptionError` where the value is absent, of another kind, or out of the option's range.
  public func value(of name: String, in options: [String: OptionValue]) throws(PluginOptionError) -> Int {
    let (option, value) = try chosen(name, in: options)
    guard case .number(_, let range) = option.kind, case .number(let number) = value else {
      throw .otherKind(plugin: id, option: name, read: "a whole number")
    }
    guard range.contains(number) else {
      throw .outOfRange(plugin: id, option: name, found: number, range: range)
    }
    return number
  }

  /// The value of an option that is a text.
  ///
  /// - Throws: `PluginOptionError` where the value is absent, of another kind, or none of the option's choices.
  public func text(of name: String, in options: [String: OptionValue]) throws(PluginOptionError) -> String {
    let (option, value) = try chosen(name, in: options)
    guard case .text(_, let choices) = option.kind, case .text(let text) = value else {
      throw .otherKind(plugin: id, option: name, read: "a text")
    }
    guard choices.isEmpty || choices.contains(text) else {
      throw .noChoice(plugin: id, option: name, found: text, choices: choices)
    }
    return text
  }

  /// The value of an option that is true or false.
  ///
  /// - Throws: `PluginOptionError` where the value is absent or of another kind.
  public func isOn(_ name: String, in options: [String: OptionValue]) throws(PluginOptionError) -> Bool {
    guard case .isOn(let isOn) = try chosen(name, in: options).value else {
      throw .otherKind(plugin: id, option: name, read: "true or false")
    }
    return isOn
  }

  /// The value of an option that is a list of texts.
  ///
  /// - Throws: `PluginOptionError` where the value is absent or of another kind.
  public func texts(of name: String, in options: [String: OptionValue]) throws(PluginOptionError) -> [String] {
    guard case .texts(let texts) = try chosen(name, in: options).value else {
      throw .otherKind(plugin: id, option: name, read: "a list of texts")
    }
    return texts
  }

  /// The path of the file that an option names; nil where none was chosen.
  ///
  /// - Throws: `PluginOptionError` where the value is absent or of another kind.
  public func file(of name: String, in options: [String: OptionValue]) throws(PluginOptionError) -> String? {
    guard case .file(let path) = try chosen(name, in: options).value else {
      throw .otherKind(plugin: id, option: name, read: "a file")
    }
    return path
  }

  private func chosen(
    _ name: String, in options: [String: OptionValue]
  ) throws(PluginOptionError) -> (option: PluginOption, value: OptionValue) {
    guard let option = self.options.first(where: { $0.name == name }) else {
      throw .unknown(plugin: id, option: name)
    }
    guard let value = options[name] else { throw .missing(plugin: id, option: name) }
    return (option, value)
  }

  /// The default value of every option.
  public var defaultOptions: [String: OptionValue] {
    Dictionary(options.map { ($0.name, $0.defaultValue) }, uniquingKeysWith: { first, _ in first })
  }
}

/// What is wrong with the value of a plugin's option.
public enum PluginOptionError: Error, Equatable, CustomStringConvertible {
  case unknown(plugin: String, option: String)
  case missing(plugin: String, option: String)
  case outOfRange(plugin: String, option: String, found: Int, range: ClosedRange<Int>)
  case noChoice(plugin: String, option: String, found: String, choices: [String])
  /// `read` says as what the plugin reads it.
  case otherKind(plugin: String, option: String, read: String)

  public var description: String {
    switch self {
    case .unknown(let plugin, let option):
      "plugin \(plugin): it reads option \(option), which its manifest does not list; add it to the manifest"
    case .missing(let plugin, let option):
      "plugin \(plugin): no value for option \(option), expected one for every option of the manifest"
    case .outOfRange(let plugin, let option, let found, let range):
      "plugin \(plugin): option \(option) is \(found), expected \(range.lowerBound) to \(range.upperBound); "
        + "use \(min(max(found, range.lowerBound), range.upperBound))"
    case .noChoice(let plugin, let option, let found, let choices):
      "plugin \(plugin): option \(option) is \(found), expected \(choices.joined(separator: " or "))"
    case .otherKind(let plugin, let option, let read):
      "plugin \(plugin): it reads option \(option) as \(read), which its manifest does not say; correct one of the two"
    }
  }
}
