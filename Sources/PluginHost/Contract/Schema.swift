import Files

/// The published description of a shape, in JSON Schema 2020-12.
///
/// - Throws: nothing that data can bring about.
package func jsonSchema(of shape: Shape, title: String) throws -> String {
  var definitions: [String: SchemaNode] = [:]
  var root = shape.schema(&definitions)
  if case .object(var members) = root {
    members["$schema"] = .text("https://json-schema.org/draft/2020-12/schema")
    members["title"] = .text(title)
    members["$defs"] = .object(definitions)
    root = .object(members)
  }
  return try jsonText(root) + "\n"
}

extension Shape {
  /// What the site publishes, by file name.
  package static var schemas: [(name: String, text: String)] {
    get throws {
      [
        ("atlas.json", try jsonSchema(of: .atlas, title: "What a HeadAtlas is made from")),
        ("evidence.json", try jsonSchema(of: .evidence, title: "What a plugin of HeadAtlas gets of a model")),
        ("messages.json", try jsonSchema(of: .message, title: "A line that a plugin of HeadAtlas writes")),
        ("sections.json", try jsonSchema(of: .sectionFile, title: "Sections of pages of a HeadAtlas")),
      ]
    }
  }
}

/// A value of a schema.
private indirect enum SchemaNode: Encodable {
  case text(String)
  case number(Double)
  case flag(Bool)
  case list([SchemaNode])
  case object([String: SchemaNode])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .list(let nodes): try container.encode(nodes)
    case .object(let members): try container.encode(members)
    }
  }
}

extension Shape {
  private static func type(_ name: String, _ more: [String: SchemaNode] = [:]) -> SchemaNode {
    .object(more.merging(["type": .text(name)]) { $1 })
  }

  fileprivate func schema(_ definitions: inout [String: SchemaNode]) -> SchemaNode {
    switch self {
    case .text: return Self.type("string")
    case .number: return Self.type("number", ["minimum": .number(-1e38), "maximum": .number(1e38)])
    case .whole(let range):
      return Self.type(
        "integer", ["minimum": .number(Double(range.lowerBound)), "maximum": .number(Double(range.upperBound))])
    case .boolean: return Self.type("boolean")
    case .null: return Self.type("null")
    case .subject: return Self.type("string", ["pattern": .text(Self.subjectPattern)])
    case .fileName: return Self.type("string", ["maxLength": .number(120), "pattern": .text("^[^./\\\\][^/\\\\]*$")])
    case .word(let words): return .object(["enum": .list(words.map(SchemaNode.text))])
    case .list(let shape): return Self.type("array", ["items": shape.schema(&definitions)])
    case .texts: return Self.type("object", ["additionalProperties": Self.type("string")])
    case .object(let fields): return Self.object(fields, &definitions)
    case .oneOf(let fields):
      return .object(["oneOf": .list(fields.map { Self.object([$0], &definitions) })])
    case .any(_, let shapes): return .object(["anyOf": .list(shapes.map { $0.schema(&definitions) })])
    case .named(let name, let shape):
      if definitions[name] == nil {
        // Known before its own parts are, so that it may be one of them.
        definitions[name] = .object([:])
        definitions[name] = shape.schema(&definitions)
      }
      return .object(["$ref": .text("#/$defs/\(name)")])
    }
  }

  private static func object(_ fields: [Field], _ definitions: inout [String: SchemaNode]) -> SchemaNode {
    var properties: [String: SchemaNode] = [:]
    for field in fields {
      var node = field.shape.schema(&definitions)
      if !field.isRequired { node = .object(["anyOf": .list([node, type("null")])]) }
      if !field.note.isEmpty, case .object(var members) = node {
        members["description"] = .text(field.note)
        node = .object(members)
      }
      properties[field.key] = node
    }
    return type(
      "object",
      [
        "properties": .object(properties),
        "required": .list(fields.filter(\.isRequired).map { .text($0.key) }),
      ])
  }

  private static let subjectPattern =
    "^(|metrics|method|(model|property|image|text|contrast|plugin)/[^/]+|plugin/[^/]+/[^/]+|model/[^/]+/layer/[0-9]+"
    + "|model/[^/]+/head/[Ll][0-9]+\\.[Hh][0-9]+)$"
}
