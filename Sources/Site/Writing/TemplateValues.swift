import Mustache

/// A type whose properties are values of templates: `Markup`, `Bool`, or of this kind, optional or in lists; templates see no others.
protocol TemplateFields {}

/// The values of a template by name.
///
/// The library would reflect on a value for every tag that asks for one of its properties, a tenth of the time of writing a site.
struct TemplateValues: MustacheParent {
  private let values: [String: Any]

  init(_ fields: any TemplateFields) {
    var values: [String: Any] = [:]
    for (name, value) in Mirror(reflecting: fields).children {
      if let name { values[name] = Self.value(of: value) }
    }
    self.values = values
  }

  func child(named name: String) -> Any? { values[name] }

  /// Nil of an optional without a value, which a template takes for absent.
  private static func value(of field: Any) -> Any? {
    switch field {
    case let markup as Markup: markup
    case let flag as Bool: flag
    case let fields as any TemplateFields: TemplateValues(fields)
    case let list as [any TemplateFields]: list.map(TemplateValues.init)
    default: nil
    }
  }
}
