/// Opcodes of pickles, as bytes.
enum Pickle {
  static let start: [UInt8] = [0x80, 2]
  static let dictionary = op("}")
  static let setItem = op("s")
  static let reduce = op("R")
  static let stop = op(".")

  static func op(_ characters: String) -> [UInt8] { Array(characters.utf8) }

  static func text(_ text: String) -> [UInt8] { op("X") + little(UInt32(text.utf8.count)) + Array(text.utf8) }

  static func int(_ number: Int) -> [UInt8] { [0x8A, 8] + little(number) }

  static func tuple(_ items: [[UInt8]]) -> [UInt8] { op("(") + joined(items) + op("t") }

  static func global(_ module: String, _ name: String) -> [UInt8] { op("c\(module)\n\(name)\n") }

  /// A new object of TorchScript.
  static let module = global("__torch__", "A") + op(")") + [0x81]

  static func recalled(_ memo: UInt8) -> [UInt8] { op("h") + [memo] }

  static func joined(_ parts: [[UInt8]]) -> [UInt8] { parts.flatMap { $0 } }

  static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(bytes.count * count)
    for _ in 0..<count { all += bytes }
    return all
  }

  static func storage(_ key: String = "0", type: String = "FloatStorage", count: Int = 4) -> [UInt8] {
    tuple([text("storage"), global("torch", type), text(key), text("cpu"), int(count)]) + op("Q")
  }

  static func tensor(
    _ storage: [UInt8] = storage(), offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1], rest: [UInt8] = []
  ) -> [UInt8] {
    global("torch._utils", rest.isEmpty ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3")
      + tuple([
        storage, int(offset), tuple(shape.map(int)), tuple(strides.map(int)), [0x89], op("N"), rest,
      ]) + reduce
  }

  /// A dictionary of one value.
  static func weights(_ value: [UInt8], name: String = "a") -> [UInt8] {
    start + dictionary + text(name) + value + setItem + stop
  }
}

/// An archive with this pickle and sixteen bytes of numbers.
func archive(_ pickle: [UInt8]) -> ZipBuilder {
  ZipBuilder([
    .init("x/data.pkl", pickle), .init("x/data/0", [1, 2, 3, 4].flatMap { little(Float($0).bitPattern) }),
  ])
}
