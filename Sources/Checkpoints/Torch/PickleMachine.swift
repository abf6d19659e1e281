import Files

/// Reads a pickle as a list of tensors and little else: nothing in it is ever called or imported.
///
/// It executes the opcodes of `PickleOpcode` and knows the globals of `PickleGlobal`; any other is refused by name. Its stack, its memo and the memory of what it builds are bounded, and it never recurses.
struct PickleMachine {
  private let path: String
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private var stack: [PickleValue] = []
  /// The heights of the stack at the marks.
  private var marks: [Int] = []
  private var memo: [PickleValue?] = []
  private(set) var objects: PickleObjects

  /// The largest pickle that is read, in bytes, far above that of any checkpoint.
  static let maximumByteCount = 8 << 20
  static let maximumStackDepth = 1 << 18
  static let maximumMemoCount = 1 << 18
  static let maximumDimensionCount = 16

  /// Prepares to run a pickle of at most `maximumByteCount` bytes.
  init(path: String, bytes: UnsafeRawBufferPointer) {
    self.path = path
    self.bytes = bytes
    objects = PickleObjects(path: path, bytes: bytes)
  }

  /// Runs the pickle to its end.
  mutating func run() throws(CheckpointError) -> PickleValue {
    guard bytes.first == PickleOpcode.proto.rawValue else { throw malformed(found: here, expected: "a protocol") }
    while true {
      let start = offset
      let byte = try number(UInt8.self)
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw .pickle(path: path, .opcode(PickleOpcode.refused[byte] ?? "0x" + String(byte, radix: 16), offset: start))
      }
      if opcode == .stop { break }
      try obey(opcode, at: start)
      let height = max(stack.count, marks.count)
      guard height <= Self.maximumStackDepth else {
        throw .tooLarge(path: path, part: "the pickle's stack", found: height, limit: Self.maximumStackDepth)
      }
    }
    let result = try pop()
    guard stack.isEmpty, marks.isEmpty, offset == bytes.count else {
      throw malformed(found: "more after its end", expected: "one value")
    }
    return result
  }

  private mutating func obey(_ opcode: PickleOpcode, at start: Int) throws(CheckpointError) {
    switch opcode {
    case .proto, .frame, .stop, .mark, .pop, .popMark: try control(opcode)
    case .none, .newTrue, .newFalse, .binFloat, .binInt, .binInt1, .binInt2, .long1, .shortBinUnicode, .binUnicode,
      .binUnicode8, .shortBinString, .binString, .shortBinBytes, .binBytes, .binBytes8:
      try stack.append(literal(opcode))
    case .emptyTuple, .tuple1, .tuple2, .tuple3, .tuple, .emptyList, .emptyDict: try collect(opcode)
    case .append, .appends, .setItem, .setItems: try fill(opcode)
    case .binGet: try recall(Int(number(UInt8.self)))
    case .longBinGet: try recall(Int(number(UInt32.self)))
    case .binPut: try remember(Int(number(UInt8.self)))
    case .longBinPut: try remember(Int(number(UInt32.self)))
    case .memoize: try remember(memo.count)
    case .global, .stackGlobal: try global(opcode, at: start)
    case .reduce, .newObj, .build, .binPersID: try call(opcode)
    }
  }

  private mutating func control(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .proto:
      let version = try number(UInt8.self)
      guard (2...5).contains(version) else { throw malformed(found: "protocol \(version)", expected: "2 to 5") }
    case .frame:
      let count = try number(UInt64.self)
      guard count <= UInt64(bytes.count - offset) else {
        throw malformed(found: "a frame of \(count) bytes", expected: "at most \(bytes.count - offset)")
      }
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    default: _ = try popToMark()
    }
  }

  // MARK: Values

  private mutating func literal(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .binInt: return .int(Int(Int32(bitPattern: try number(UInt32.self))))
    case .binInt1: return .int(Int(try number(UInt8.self)))
    case .binInt2: return .int(Int(try number(UInt16.self)))
    case .long1: return .int(try long())
    case .shortBinUnicode, .shortBinString: return .text(try text(Int(number(UInt8.self))))
    case .binUnicode, .binString: return .text(try text(Int(number(UInt32.self))))
    case .binUnicode8: return .text(try text(Int(clamping: number(UInt64.self))))
    case .shortBinBytes: _ = try text(Int(number(UInt8.self)))
    case .binBytes: _ = try text(Int(number(UInt32.self)))
    case .binBytes8: _ = try text(Int(clamping: number(UInt64.self)))
    case .binFloat: _ = try number(UInt64.self)
    default: break  // None and the bools.
    }
    return .inert
  }

  private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(CheckpointError) -> Number {
    guard let number = bytes.number(type, at: offset) else {
      throw malformed(found: "the end", expected: "\(MemoryLayout<Number>.size) more bytes")
    }
    offset += MemoryLayout<Number>.size
    return number
  }

  /// An integer in two's complement, of as many bytes as the next one says.
  private mutating func long() throws(CheckpointError) -> Int {
    let digits = try text(Int(number(UInt8.self)))
    guard digits.count <= 8 else {
      throw malformed(found: "an integer of \(digits.count) bytes", expected: "at most 8")
    }
    let range = Int(digits.start)..<Int(digits.start) + Int(digits.count)
    let unsigned = bytes[range].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let unused = UInt64(64 - 8 * digits.count)
    return Int(Int64(bitPattern: unsigned << unused) >> Int64(unused))
  }

  private mutating func text(_ count: Int) throws(CheckpointError) -> PickleText {
    guard count >= 0, count <= bytes.count - offset else {
      throw malformed(found: "a string of \(count) bytes", expected: "at most \(bytes.count - offset)")
    }
    defer { offset += count }
    return PickleText(start: UInt32(offset), count: UInt32(count))
  }

  // MARK: Stack and memo

  private mutating func pop() throws(CheckpointError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw malformed(found: "an empty stack", expected: "a value on it")
    }
    return value
  }

  private mutating func pop(_ count: Int) throws(CheckpointError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw malformed(found: "a stack too small", expected: "\(count) values on it")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw malformed(found: "no mark", expected: "one on the stack") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func recall(_ index: Int) throws(CheckpointError) {
    guard index < memo.count, let value = memo[index] else {
      throw malformed(found: "no memo \(index)", expected: "one that was put")
    }
    stack.append(value)
  }

  private mutating func remember(_ index: Int) throws(CheckpointError) {
    guard index < Self.maximumMemoCount else {
      throw .tooLarge(path: path, part: "the pickle's memo", found: index, limit: Self.maximumMemoCount - 1)
    }
    let value = try pop()
    stack.append(value)
    while memo.count <= index { memo.append(nil) }
    memo[index] = value
  }

  // MARK: Containers

  private mutating func collect(_ opcode: PickleOpcode) throws(CheckpointError) {
    let value: PickleValue
    switch opcode {
    case .emptyList: value = .list(try objects.addContainer())
    case .emptyDict: value = .dictionary(try objects.addContainer())
    case .tuple1: value = .tuple(try objects.addContainer(pop(1)))
    case .tuple2: value = .tuple(try objects.addContainer(pop(2)))
    case .tuple3: value = .tuple(try objects.addContainer(pop(3)))
    case .tuple: value = .tuple(try objects.addContainer(popToMark()))
    default: value = .tuple(try objects.addContainer())
    }
    stack.append(value)
  }

  /// Puts what lies above a list or dictionary into it.
  private mutating func fill(_ opcode: PickleOpcode) throws(CheckpointError) {
    let items: [PickleValue]
    switch opcode {
    case .append: items = [try pop()]
    case .setItem: items = try pop(2)
    default: items = try popToMark()
    }
    let isDictionary = opcode == .setItem || opcode == .setItems
    let target = try pop()
    stack.append(target)
    switch target {
    case .inert: break
    case .list(let list) where !isDictionary: try objects.append(items, to: list)
    case .dictionary(let dictionary) where isDictionary && items.count.isMultiple(of: 2):
      try objects.append(items, to: dictionary)
    default:
      throw malformed(
        found: "\(items.count) items for \(target.kind)",
        expected: isDictionary ? "keys and values for a dictionary" : "items for a list")
    }
  }

  // MARK: Globals

  private mutating func global(_ opcode: PickleOpcode, at start: Int) throws(CheckpointError) {
    var parts: [String] = []
    if opcode == .global {
      for _ in 0..<2 { parts.append(try line()) }
    } else {
      for part in try pop(2) {
        guard case .text(let text) = part else {
          throw malformed(found: part.kind, expected: "the name of a global")
        }
        parts.append(try objects.string(text))
      }
    }
    let name = parts.joined(separator: ".")
    guard let global = PickleGlobal(name) else {
      throw .pickle(path: path, .global(name, offset: start))
    }
    stack.append(.global(global))
  }

  private mutating func line() throws(CheckpointError) -> String {
    let rest = bytes[offset...].prefix(PickleObjects.maximumNameLength)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      throw malformed(found: "no end of a name", expected: "a line break")
    }
    defer { offset = end + 1 }
    return try objects.string(text(end - offset))
  }

  private mutating func call(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .binPersID:
      try stack.append(.storage(objects.add(storage(pop()))))
    case .build:
      let state = try pop()
      switch stack.last {
      // An ordered dictionary's attributes, such as `_metadata`, say nothing of its tensors.
      case .inert, .dictionary: break
      case .module(let module): try objects.setState(of: module, to: state)
      default: throw malformed(found: "a state for \(stack.last?.kind ?? "nothing")", expected: "one for a module")
      }
    default:
      let operands = try pop(2)
      guard case .tuple(let arguments) = operands[1] else {
        throw malformed(found: "\(operands[1].kind) as arguments", expected: "a tuple")
      }
      switch operands[0] {
      case .global(let global): try stack.append(make(global, objects.containers[arguments]))
      default: throw malformed(found: "a call of \(operands[0].kind)", expected: "one of a global")
      }
    }
  }

  /// The value that takes the place of calling a global.
  private mutating func make(
    _ global: PickleGlobal, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue {
    switch (global, arguments.first) {
    case (.inert, _): return .inert
    case (.module, _): return .module(try objects.addContainer())
    case (.orderedDictionary, nil): return .dictionary(try objects.addContainer())
    case (.orderedDictionary, .list(let pairs)): return .dictionary(try dictionary(of: objects.containers[pairs]))
    case (.size, .tuple(let sizes)), (.size, .list(let sizes)): return .tuple(sizes)
    case (.list, .list(let items)): return .list(items)
    case (.withoutTag, let value?): return value
    case (.parameter, .tensor(let tensor)): return .tensor(tensor)
    case (.tensor(let namesType), _): return .tensor(try objects.add(tensor(arguments, namesType: namesType)))
    default:
      throw malformed(
        found: "a call with \(arguments.first?.kind ?? "nothing")", expected: "arguments that this global takes")
    }
  }

  private mutating func dictionary(of pairs: [PickleValue]) throws(CheckpointError) -> Int {
    let dictionary = try objects.addContainer()
    for pair in pairs {
      switch pair {
      case .tuple(let place) where objects.containers[place].count == 2,
        .list(let place) where objects.containers[place].count == 2:
        try objects.append(objects.containers[place], to: dictionary)
      default: throw malformed(found: pair.kind, expected: "a pair of key and value")
      }
    }
    return dictionary
  }

  // MARK: Tensors

  /// `("storage", type, key, device, count)`.
  private func storage(_ identity: PickleValue) throws(CheckpointError) -> PickleStorage {
    guard case .tuple(let place) = identity, case let parts = objects.containers[place], parts.count == 5,
      objects.isText(parts[0], "storage"), case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
      case .text = parts[3], case .int(let count) = parts[4], count >= 0
    else {
      throw malformed(
        found: "\(identity.kind) as the identity of a storage", expected: "\"storage\", type, key, device, count")
    }
    return PickleStorage(key: try objects.string(key), type: type, count: count)
  }

  /// `(storage, offset, shape, strides, requires_grad, hooks)`, and the element type where it is named.
  private func tensor(_ arguments: [PickleValue], namesType: Bool) throws(CheckpointError) -> PickleTensor {
    guard arguments.count >= (namesType ? 7 : 6), case .storage(let place) = arguments[0],
      case .int(let offset) = arguments[1], offset >= 0, let shape = sizes(arguments[2]),
      let strides = sizes(arguments[3]), shape.count == strides.count
    else {
      throw malformed(
        found: "other arguments of a tensor",
        expected: "a storage, an offset, a shape and as many strides, none below 0, "
          + "of at most \(Self.maximumDimensionCount) dimensions")
    }
    let storage = objects.storages[place]
    var type = storage.type
    if namesType, case .global(.elementType(let named)) = arguments[6], storage.type == nil { type = named }
    guard let type, namesType == (storage.type == nil) else {
      throw malformed(found: "a tensor without one element type", expected: "that of its storage, or one for bytes")
    }
    return PickleTensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides)
  }

  private func sizes(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let place) = value, objects.containers[place].count <= Self.maximumDimensionCount else {
      return nil
    }
    var sizes: [Int] = []
    for item in objects.containers[place] {
      guard case .int(let size) = item, size >= 0 else { return nil }
      sizes.append(size)
    }
    return sizes
  }

  // MARK: Messages

  private var here: String {
    bytes.number(UInt8.self, at: offset).map { "byte 0x" + String($0, radix: 16) } ?? "the end"
  }

  private func malformed(found: String, expected: String) -> CheckpointError {
    .pickle(path: path, .malformed(offset: offset, found: found, expected: expected))
  }
}
