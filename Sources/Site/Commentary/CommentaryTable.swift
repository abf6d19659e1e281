import Analysis
import Diagnostics
import Files

/// A table that commentary shows: a file of comma-separated values beside it, as RFC 4180 has it, its first row the titles of columns.
struct CommentaryTable {
  let table: Table
  /// The name of the file without its ending.
  let name: String

  /// Why a table is not shown, in words for the end of a message.
  struct Fault: Error {
    let words: String
  }

  /// Longer tables are for downloads.
  private static let mostRows = 500

  /// - Parameters:
  ///   - file: a name in `folder`, or a path from it.
  ///   - caption: the name of the file where it is empty.
  /// - Throws: `Fault`.
  init(_ file: String, in folder: String, caption: String) throws(Fault) {
    guard !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else {
      throw Fault(words: "the table \(quoted(file)) is not beside the commentary, expected a file in its folder")
    }
    let suffix = nameAndExtension(fileName(file)).suffix.lowercased()
    guard ["csv", "tsv"].contains(suffix) else {
      throw Fault(words: "the table \(quoted(file)) is neither .csv nor .tsv")
    }
    let (separator, path) = (UInt8(ascii: suffix == "csv" ? "," : "\t"), "\(folder)/\(file)")
    var rows: [[String]] = []
    var problem: String?
    do throws(FileError) {
      try forEachRow(ofTable: path, separator: separator) { line, row in
        problem = Self.problem(row, line, rows, file)
        if problem == nil, case .success(let fields) = row { rows.append(fields) }
        return problem == nil
      }
    } catch {
      throw Fault(words: "\(error)")
    }
    if let problem { throw Fault(words: problem) }
    guard let titles = rows.first else {
      throw Fault(words: "\(file): empty, expected a row with the titles of columns")
    }
    name = nameAndExtension(fileName(file)).name
    table = Self.table(titles, rows.dropFirst(), caption: caption.isEmpty ? name : caption)
  }

  /// - Returns: what is wrong with the next row; nil where nothing is.
  private static func problem(
    _ row: Result<[String], TableFault>, _ line: Int, _ rows: [[String]], _ file: String
  ) -> String? {
    switch row {
    case .failure(let fault): "\(file):\(line): \(fault)"
    case .success(let fields):
      if let titles = rows.first, titles.count != fields.count {
        "\(file):\(line): \(counted(fields.count, "field")), expected \(titles.count), one per column"
      } else if rows.count > mostRows {
        "\(file): more than \(mostRows) rows, expected fewer; link to the file in place of showing it"
      } else {
        nil
      }
    }
  }

  private static func table(_ titles: [String], _ rows: ArraySlice<[String]>, caption: String) -> Table {
    let isNumeric = titles.indices.map { column in
      rows.contains { !$0[column].isEmpty } && rows.allSatisfy { $0[column].isEmpty || number($0[column]) != nil }
    }
    return Table(
      caption: caption, columns: zip(titles, isNumeric).map { Table.Column($0, isNumeric: $1) },
      rows: rows.map { row in
        zip(row, isNumeric).map { field, isNumeric in
          // An empty field is a text: a column of them was meant to stand there.
          guard isNumeric, let (value, decimals) = number(field) else { return .text(field) }
          return .number(value, decimals: decimals)
        }
      })
  }

  /// The number that a field is, with the decimals that it is written with; nil for any other text.
  private static func number(_ field: String) -> (value: Double, decimals: Int)? {
    let digits = field.drop { $0 == "-" }
    guard digits.first?.isNumber ?? false, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
      let value = Double(field)
    else { return nil }
    return (value, field.lastIndex(of: ".").map { field.distance(from: $0, to: field.endIndex) - 1 } ?? 0)
  }
}
