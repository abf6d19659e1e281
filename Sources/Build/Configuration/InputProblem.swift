import Diagnostics
import Files

/// What is wrong in one place of the files that describe an atlas, in facts; `description` words it on one line.
package struct InputProblem: Sendable, Hashable, CustomStringConvertible {
  package enum Fact: Sendable, Hashable {
    case notYAML(String)
    case notCaptions
    case notText
    /// A file or folder whose name is not UTF-8.
    case undecodableName
    case empty(expected: String)
    case emptyLine(expected: String)
    case repeatedText(String, firstLine: Int)
    /// Two identifiers that file systems of Windows and macOS take for one.
    case sameButForCase(kind: String, id: String, other: String)
    case unknownKey(String, place: String, nearest: String?)
    case missingKey(String, place: String, expected: String)
    case wrongValue(key: String, found: String, expected: String)
    case duplicate(kind: String, id: String)
    /// Two descriptions of one thing, which has its name from elsewhere.
    case repeated(kind: String, id: String)
    /// A path under which no file or folder is.
    case noPath(key: String, kind: String, path: String, nearest: String?)
    /// Something named that the atlas does not have.
    case unknown(kind: String, name: String, nearest: String?)
    /// A file that is there and is no image that is read.
    case notAnImage(name: String, found: String)
    case notAFolderName(kind: String, id: String)
    case undeclaredProperty(kind: String, name: String, nearest: String?)
    case noHead(name: String, model: String, last: String)
    case noPage(path: String, nearest: String?)
    /// A link of a commentary.
    case noLinkedPage(target: String, nearest: String?)
    case unknownValue(key: String, nearest: String?)
    case noMatch(pattern: String, nearest: String?)
    /// The words of another module.
    case reported(String)
  }

  /// Nil for the command line.
  package let file: String?
  package let line: Int?
  package let fact: Fact

  package var description: String {
    let place = [file, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
    return place.isEmpty ? fact.description : "\(place): \(fact)"
  }
}

extension InputProblem.Fact: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notYAML(let problem): "not YAML: \(problem)"
    case .notCaptions:
      #"captions are JSON Lines, expected one JSON object on every line, such as {"file": "photo.jpg", "caption": "a cat"}"#
    case .notText: "bytes that are not UTF-8, expected UTF-8 text; save the file as UTF-8"
    case .undecodableName: "a name that is not UTF-8, expected one in UTF-8; rename it: \(nameConversion) FILE"
    case .empty(let expected): "empty, expected \(expected)"
    case .emptyLine(let expected): "an empty line, expected \(expected); remove the line"
    case .repeatedText(let text, let line): "the text \(quoted(text)) is in line \(line) already; remove one of the two"
    case .sameButForCase(let kind, let id, let other):
      "\(kind) \(quoted(id)) differs from \(quoted(other)) only in case, which Windows and macOS do not tell apart; rename "
        + "one of them"
    case .unknownKey(let key, let place, let nearest):
      "unknown key \(quoted(key)) in \(place)" + (suggestion(nearest) ?? "; remove it")
    case .missingKey(let key, let place, let expected): "\(place) has no \(quoted(key)), expected \(expected)"
    case .wrongValue(let key, let found, let expected): "\(key) is \(found), expected \(expected)"
    case .duplicate(let kind, let id): "\(kind) \(quoted(id)) is duplicated; rename or remove one of them"
    case .repeated(let kind, let id): "\(kind) \(quoted(id)) is described twice; remove one of the two"
    case .noPath(let key, let kind, let path, let nearest):
      "\(key) is \(quoted(path)): no such \(kind)" + (suggestion(nearest) ?? "; check the path")
    case .unknown(let kind, let name, let nearest): "no \(kind) \(quoted(name))" + (suggestion(nearest) ?? "")
    case .notAnImage(let name, let found):
      "\(quoted(name)) is \(found), expected a PNG, JPEG or WebP image; convert it or remove the line"
    case .notAFolderName(let kind, let id):
      "\(kind) \(quoted(id)) cannot be the name of a folder; expected \(fileNameRule)"
    case .undeclaredProperty(let kind, let name, let nearest):
      "\(kind) \(quoted(name)) is the title of no property"
        + (suggestion(nearest) ?? "; add one to the properties of the atlas")
    case .noHead(let name, let model, let last):
      "no head \(quoted(name)), expected L0.H0 to \(last) of the model \(quoted(model))"
    case .noPage(let path, let nearest):
      "commentary on \(quoted(path)), which has no page" + (suggestion(nearest) ?? "")
    case .noLinkedPage(let target, let nearest):
      "\(quoted(target)) leads to no page" + (suggestion(nearest) ?? "")
    case .unknownValue(let key, let nearest): "no value is named \(quoted(key))" + (suggestion(nearest) ?? "")
    case .noMatch(let pattern, let nearest):
      "no page matches --only \(quoted(pattern))"
        + (suggestion(nearest) ?? ", expected a pattern such as 'model/*' or 'image/*'")
    case .reported(let words): words
    }
  }
}

private func suggestion(_ nearest: String?) -> String? {
  nearest.flatMap { $0.isEmpty ? nil : ", did you mean \(quoted($0))?" }
}

/// All that is wrong with the files that describe an atlas, one problem a line.
package struct InputProblems: Error, Equatable, CustomStringConvertible {
  /// At least one.
  package let problems: [InputProblem]

  package var description: String { problems.map(\.description).joined(separator: "\n") }
}
