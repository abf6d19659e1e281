/// A value of a pickle.
///
/// It refers to other values only by their places in `PickleObjects`, so that no code that visits, copies or frees
/// values recurses, however deep a file nests them.
enum PickleValue {
  /// A value that no weight is made of: None, a bool, a float, bytes, or what an inert global made.
  case inert
  case int(Int)
  case text(PickleText)
  /// A place among the containers.
  case tuple(Int)
  case list(Int)
  /// A place among the containers, keys and values in turn.
  case dictionary(Int)
  /// A place among the containers; the state of an object of TorchScript, once it is set.
  case module(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// The kind of value in words, for messages.
  var kind: String {
    switch self {
    case .inert: "a plain value"
    case .int: "an integer"
    case .text: "a string"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .module: "a module"
    case .global: "a global"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// A string, as its place in the pickle's bytes.
struct PickleText {
  let start: UInt32
  let count: UInt32
}

/// The numbers that tensors share: entry `data/<key>` of the archive.
struct PickleStorage {
  let key: String
  /// The type of the elements; nil for plain bytes.
  let type: ElementType?
  /// The number of elements, as the pickle claims.
  let count: Int
}

/// A tensor as the pickle claims it to be; only the form of the numbers is proven.
struct PickleTensor {
  let storage: PickleStorage
  let type: ElementType
  /// The place of the first number in the storage, in elements, as the strides are.
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

/// All that a pickle has built.
struct PickleObjects {
  let path: String
  private let bytes: UnsafeRawBufferPointer
  private(set) var containers: [[PickleValue]] = []
  private(set) var storages: [PickleStorage] = []
  private(set) var tensors: [PickleTensor] = []
  private var spent = 0

  /// The memory for objects, in bytes.
  ///
  /// A training checkpoint of the largest CLIP needs a tenth of it.
  static let maximumMemory = 40 << 20

  init(path: String, bytes: UnsafeRawBufferPointer) {
    self.path = path
    self.bytes = bytes
  }

  /// The text as a string.
  ///
  /// - Throws: `CheckpointError.pickle` where it is not UTF-8 or longer than `maximumNameLength`.
  func string(_ text: PickleText) throws(CheckpointError) -> String {
    let range = Int(text.start)..<Int(text.start) + Int(text.count)
    guard range.count <= Self.maximumNameLength, let string = String(validating: bytes[range], as: UTF8.self) else {
      throw .pickle(
        path: path,
        .malformed(
          offset: range.lowerBound, found: "a name of \(range.count) bytes",
          expected: "one in UTF-8, of at most \(Self.maximumNameLength)"))
    }
    return string
  }

  static let maximumNameLength = 512

  func isText(_ value: PickleValue, _ expected: String) -> Bool {
    guard case .text(let text) = value, Int(text.count) == expected.utf8.count else { return false }
    return bytes[Int(text.start)..<Int(text.start) + Int(text.count)].elementsEqual(expected.utf8)
  }

  // MARK: Growth, every byte of it counted

  mutating func addContainer(_ items: some Collection<PickleValue> = []) throws(CheckpointError) -> Int {
    try spend(objects: 1, items: items.count)
    containers.append(Array(items))
    return containers.count - 1
  }

  mutating func append(_ items: some Collection<PickleValue>, to container: Int) throws(CheckpointError) {
    try spend(items: items.count)
    containers[container].append(contentsOf: items)
  }

  /// Gives a module its state.
  mutating func setState(of module: Int, to state: PickleValue) throws(CheckpointError) {
    try spend(items: 1)
    containers[module] = [state]
  }

  mutating func add(_ storage: PickleStorage) throws(CheckpointError) -> Int {
    try spend(objects: 2 + storage.key.utf8.count / 80)
    storages.append(storage)
    return storages.count - 1
  }

  mutating func add(_ tensor: PickleTensor) throws(CheckpointError) -> Int {
    try spend(objects: 4, items: tensor.shape.count)
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// Counts twice the memory that objects take, since arrays grow by doubling.
  private mutating func spend(objects: Int = 0, items: Int = 0) throws(CheckpointError) {
    spent += objects * 80 + items * 2 * MemoryLayout<PickleValue>.stride
    guard spent <= Self.maximumMemory else {
      throw .tooLarge(
        path: path, part: "the bytes that the pickle's objects take", found: spent, limit: Self.maximumMemory)
    }
  }
}
