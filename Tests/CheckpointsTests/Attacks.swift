/// A file made to do harm, and a part of what must be said of it.
struct Attack: Sendable {
  let name: String
  let message: String
  private let make: @Sendable () -> [UInt8]

  init(_ name: String, _ message: String, _ make: @escaping @Sendable () -> [UInt8]) {
    (self.name, self.message, self.make) = (name, message, make)
  }

  /// A pickle in an otherwise honest archive.
  init(pickle name: String, _ message: String, _ make: @escaping @Sendable () -> [UInt8]) {
    self.init(name, message) { archive(make()).bytes }
  }

  /// A value under the name "a" in an otherwise honest pickle.
  init(value name: String, _ message: String, _ make: @escaping @Sendable () -> [UInt8]) {
    self.init(name, message) { archive(Pickle.weights(make())).bytes }
  }

  /// An archive that begins as an honest one.
  init(zip name: String, _ message: String, _ change: @escaping @Sendable (inout ZipBuilder) -> Void) {
    self.init(name, message) {
      var builder = archive(Pickle.weights(Pickle.tensor()))
      change(&builder)
      return builder.bytes
    }
  }

  var bytes: [UInt8] { make() }

  static let all = globals + malformed + bombs + tensors + modules + zips + headers
}

extension Attack {
  static let globals: [Attack] = [
    Attack(pickle: "REDUCE of os.system", #""os.system" is not allowed at byte 2; save the weights alone"#) {
      Pickle.start + Pickle.global("os", "system") + Pickle.tuple([Pickle.text("true")]) + Pickle.reduce + Pickle.stop
    },
    Attack(value: "eval", #""builtins.eval" is not allowed at byte 9"#) { Pickle.global("builtins", "eval") },
    Attack(value: "posix.system", #""posix.system" is not allowed"#) { Pickle.global("posix", "system") },
    Attack(value: "a near name", #""torch._utils._rebuild_tensor" is not allowed"#) {
      Pickle.global("torch._utils", "_rebuild_tensor")
    },
    Attack(value: "torch.load", #""torch.load" is not allowed"#) { Pickle.global("torch", "load") },
    Attack(value: "a class that looks like TorchScript's", #""__torch__x.A" is not allowed"#) {
      Pickle.global("__torch__x", "A")
    },
    Attack(value: "a line break by way of STACK_GLOBAL", #""os\n.system" is not allowed at byte 28"#) {
      Pickle.text("os\n") + Pickle.text("system") + [0x93]
    },
    Attack(value: "STACK_GLOBAL", #""os.system" is not allowed"#) {
      Pickle.text("os") + Pickle.text("system") + [0x93]
    },
    Attack(value: "STACK_GLOBAL of integers", "found an integer, expected the name of a global") {
      Pickle.int(1) + Pickle.int(2) + [0x93]
    },
    Attack(value: "INST", "opcode INST is not allowed at byte 10; save") { Pickle.op("(ios\nsystem\n") },
    Attack(value: "OBJ", "opcode OBJ is not allowed") { Pickle.op("(o") },
    Attack(value: "NEWOBJ_EX", "opcode NEWOBJ_EX is not allowed") { [0x92] },
    Attack(value: "EXT1", "opcode EXT1 is not allowed") { [0x82, 1] },
    Attack(value: "an unknown opcode", "opcode 0xff is not allowed") { [0xFF] },
    Attack(value: "NEWOBJ of a string", "a call of a string, expected one of a global") {
      Pickle.text("a") + Pickle.tuple([]) + [0x81]
    },
    Attack(value: "a call of a storage type", "arguments that this global takes") {
      Pickle.global("torch", "FloatStorage") + Pickle.tuple([Pickle.int(1)]) + Pickle.reduce
    },
    Attack(value: "a call of what is forgotten", "a call of a plain value") {
      Pickle.global("argparse", "Namespace") + Pickle.tuple([]) + Pickle.reduce + Pickle.tuple([]) + Pickle.reduce
    },
    Attack(value: "BUILD of a global", "a state for a global") {
      Pickle.global("torch", "Size") + Pickle.dictionary + Pickle.op("b")
    },
    Attack(value: "arguments that are no tuple", "an integer as arguments, expected a tuple") {
      Pickle.global("torch", "Size") + Pickle.int(1) + Pickle.reduce
    },
  ]

  static let malformed: [Attack] = [
    Attack(pickle: "nothing", "pickle, byte 0: found the end, expected a protocol") { [] },
    Attack(pickle: "no protocol", "pickle, byte 0: found byte 0x7d, expected a protocol") { Pickle.op("}.") },
    Attack(pickle: "protocol 1", "protocol 1, expected 2 to 5") { [0x80, 1] + Pickle.op("}.") },
    Attack(pickle: "protocol 6", "protocol 6, expected 2 to 5") { [0x80, 6] + Pickle.op("}.") },
    Attack(pickle: "no stop", "found the end, expected 1 more bytes") { Pickle.start + Pickle.dictionary },
    Attack(pickle: "two values", "more after its end") { Pickle.start + Pickle.op("}}.") },
    Attack(pickle: "bytes after the stop", "more after its end") { Pickle.start + Pickle.op("}.}") },
    Attack(pickle: "an open mark", "an empty stack") { Pickle.start + Pickle.op("}(.") },
    Attack(pickle: "an empty stack", "an empty stack") { Pickle.start + Pickle.op(".") },
    Attack(value: "TUPLE3 of two", "a stack too small, expected 3 values") { Pickle.op("(}}") + [0x87] },
    Attack(value: "TUPLE without a mark", "no mark") { Pickle.op("t") },
    Attack(value: "a memo that was never put", "no memo 7") { Pickle.op("h\u{7}") },
    Attack(value: "a frame past the end", "a frame of 18446744073709551615 bytes") { [0x95] + little(UInt64.max) },
    Attack(value: "a key without a value", "1 items for a dictionary") { Pickle.op("}(Nu") },
    Attack(value: "items for a tuple", "2 items for a tuple") { Pickle.op(")(NNu") },
    Attack(value: "items of a list for a dictionary", "2 items for a dictionary") { Pickle.op("}(NNe") },
    Attack(value: "a name that is no UTF-8", "expected one in UTF-8") { Pickle.op("cos\n") + [0xFF, 0x0A] },
    Attack(value: "a global without an end", "no end of a name") {
      Pickle.op("c") + Pickle.repeated(Pickle.op("a"), 1000)
    },
    Attack(value: "pairs that are none", "found an integer, expected a pair") {
      Pickle.global("collections", "OrderedDict") + Pickle.tuple([Pickle.op("](") + Pickle.int(1) + Pickle.op("e")])
        + Pickle.reduce
    },
    Attack(pickle: "one tensor twice", #"the key "a" twice"#) {
      Pickle.start + Pickle.dictionary + Pickle.text("a") + Pickle.tensor() + Pickle.setItem + Pickle.text("a")
        + Pickle.tensor() + Pickle.setItem + Pickle.stop
    },
    Attack(pickle: "a number for a name", "a tensor whose key is an integer") {
      Pickle.start + Pickle.dictionary + Pickle.int(1) + Pickle.tensor() + Pickle.setItem + Pickle.stop
    },
    Attack(pickle: "a dictionary in itself", "a dictionary without tensors") {
      Pickle.start + Pickle.op("}q\u{0}X") + little(UInt32(10)) + Pickle.op("state_dicth\u{0}s.")
    },
  ]

  static let bombs: [Attack] = [
    Attack(value: "a memo far out", "the pickle's memo: 4294967295, expected at most 262143") {
      Pickle.op("Nr") + little(UInt32.max)
    },
    Attack(value: "a memo of millions", "the pickle's memo: 262144") {
      Pickle.op("N") + Pickle.repeated([0x94], 1_000_000)
    },
    Attack(value: "a stack of millions", "the pickle's stack: 262145") { Pickle.repeated(Pickle.op("N"), 4_000_000) },
    Attack(value: "marks in millions", "the pickle's stack") { Pickle.repeated(Pickle.op("("), 4_000_000) },
    Attack(pickle: "tuples nested 100,000 deep", "found a tuple, expected a dictionary") {
      Pickle.start + Pickle.op(")") + Pickle.repeated([0x85], 100_000) + Pickle.stop
    },
    Attack(pickle: "tuples nested millions deep", "the bytes that the pickle's objects take") {
      Pickle.start + Pickle.op(")") + Pickle.repeated([0x85], 4_000_000) + Pickle.stop
    },
    Attack(pickle: "lists nested 100,000 deep", "found a list, expected a dictionary") {
      Pickle.start + Pickle.repeated(Pickle.op("]"), 100_000) + Pickle.repeated(Pickle.op("a"), 99_999) + Pickle.stop
    },
    Attack(value: "dictionaries in millions", "the bytes that the pickle's objects take") {
      Pickle.op("](") + Pickle.repeated(Pickle.op("}"), 200_000) + Pickle.op("e(")
        + Pickle.repeated(Pickle.op("}"), 200_000) + Pickle.op("e(") + Pickle.repeated(Pickle.op("}"), 250_000)
    },
    Attack(value: "one list doubled again and again", "the bytes that the pickle's objects take") {
      // A list of 200,000, then ordered dictionaries of it.
      Pickle.global("collections", "OrderedDict") + Pickle.op("q\u{1}0](")
        + Pickle.repeated(Pickle.op("NN") + [0x86], 1000)
        + Pickle.op("e") + [0x85] + Pickle.op("q\u{2}") + Pickle.repeated(Pickle.op("h\u{1}h\u{2}R"), 200_000)
    },
    Attack(value: "storages of one long name", "the bytes that the pickle's objects take") {
      let storage = Pickle.storage(String(repeating: "n", count: 500)).dropLast() + Pickle.op("q\u{1}Q0")
      return storage + Pickle.repeated(Pickle.recalled(1) + Pickle.op("Q0"), 1_000_000)
    },
    Attack(value: "a string of 4 GB", "a string of 4294967295 bytes") { Pickle.op("X") + little(UInt32.max) },
    Attack(value: "a string of 2^64 bytes", "a string of 9223372036854775807 bytes") { [0x8D] + little(UInt64.max) },
    Attack(value: "bytes of 2^63", "a string of 9223372036854775807 bytes") { [0x8E] + little(UInt64(1) << 63) },
    Attack(value: "an integer of 255 bytes", "an integer of 255 bytes, expected at most 8") {
      [0x8A, 255] + Pickle.repeated([0xFF], 255)
    },
    Attack(value: "an integer of gigabytes", "opcode LONG4 is not allowed") { [0x8B] + little(UInt32(1) << 31) },
    Attack(pickle: "a name of a megabyte", "a name of 1000000 bytes, expected one in UTF-8, of at most 512") {
      Pickle.weights(Pickle.tensor(), name: String(repeating: "n", count: 1_000_000))
    },
    Attack(pickle: "a pickle too large", "the bytes of \"x/data.pkl\": 8388610, expected at most 8388608") {
      Pickle.start + Pickle.repeated(Pickle.op("N"), 8 << 20)
    },
    Attack(pickle: "work without room", "found a plain value, expected a dictionary") {
      Pickle.start + Pickle.global("argparse", "Namespace") + Pickle.op(")R")
        + Pickle.repeated(Pickle.op("Na"), 4_000_000)
        + Pickle.stop
    },
    Attack(pickle: "globals and nothing else", "found an empty stack") {
      Pickle.start + Pickle.repeated(Pickle.op("ctorch\nSize\n0"), 600_000) + Pickle.stop
    },
    Attack(pickle: "tensors in many thousands", "the number of tensors: 16385, expected at most 16384") {
      Pickle.start + Pickle.dictionary + Pickle.tensor() + Pickle.op("q\u{0}0(")
        + (0..<20_000).flatMap { Pickle.text("tensor \($0)") + Pickle.op("h\u{0}") } + Pickle.op("u.")
    },
  ]

  static let tensors: [Attack] = [
    Attack(value: "a stride past the end", #"tensor "a" [4] with strides [2] from 0 leaves its storage of 4 elements"#)
    {
      Pickle.tensor(strides: [2])
    },
    Attack(value: "an offset past the end", "from 1 leaves its storage") { Pickle.tensor(offset: 1) },
    Attack(value: "an offset that wraps", "leaves its storage") { Pickle.tensor(offset: .max, shape: [2]) },
    Attack(value: "an offset just below wrapping", "leaves its storage") {
      Pickle.tensor(offset: .max, shape: [], strides: [])
    },
    Attack(value: "a stride that wraps", "leaves its storage") { Pickle.tensor(shape: [3], strides: [1 << 62]) },
    Attack(value: "strides whose sum wraps", "leaves its storage") {
      Pickle.tensor(shape: [2, 2], strides: [.max, .max])
    },
    Attack(value: "a shape that wraps", "more bytes than a file can hold") {
      Pickle.tensor(shape: [1 << 32, 1 << 32], strides: [0, 0])
    },
    Attack(value: "nothing that wraps", "more bytes than a file can hold") {
      Pickle.tensor(shape: [0, 1 << 62, 4], strides: [0, 0, 0])
    },
    Attack(value: "a terabyte of one number", "repeats the 4 elements of its storage") {
      Pickle.tensor(shape: [1 << 38], strides: [0])
    },
    Attack(value: "a negative offset", "other arguments of a tensor") { Pickle.tensor(offset: -1) },
    Attack(value: "a negative size", "none below 0") { Pickle.tensor(shape: [-4]) },
    Attack(value: "a negative stride", "none below 0") { Pickle.tensor(strides: [-1]) },
    Attack(value: "a stride too few", "as many strides") { Pickle.tensor(shape: [2, 2]) },
    Attack(value: "seventeen dimensions", "at most 16 dimensions") {
      Pickle.tensor(shape: .init(repeating: 1, count: 17), strides: .init(repeating: 1, count: 17))
    },
    Attack(value: "a tensor of a tuple", "other arguments of a tensor") { Pickle.tensor(Pickle.tuple([])) },
    Attack(value: "a storage that is missing", #"tensor "a" needs "x/data/7", which is not in the archive"#) {
      Pickle.tensor(Pickle.storage("7"))
    },
    Attack(value: "a storage elsewhere", #"needs "x/data/../data.pkl", which is not"#) {
      Pickle.tensor(Pickle.storage("../data.pkl"))
    },
    Attack(value: "a storage that claims more", #""x/data/0" has 16 bytes, expected those of 5 F32"#) {
      Pickle.tensor(Pickle.storage(count: 5))
    },
    Attack(value: "a storage that claims less", "expected those of 3 F32") { Pickle.tensor(Pickle.storage(count: 3)) },
    Attack(value: "a storage of another width", "expected those of 4 F64") {
      Pickle.tensor(Pickle.storage(type: "DoubleStorage"))
    },
    Attack(value: "a storage below 0", "the identity of a storage") { Pickle.tensor(Pickle.storage(count: -1)) },
    Attack(value: "a storage that is a string", "a string as the identity of a storage") {
      Pickle.tensor(Pickle.text("0") + Pickle.op("Q"))
    },
    Attack(value: "a storage of four parts", "the identity of a storage") {
      Pickle.tensor(
        Pickle.tuple([Pickle.text("storage"), Pickle.global("torch", "FloatStorage"), Pickle.text("0"), Pickle.int(4)])
          + Pickle.op("Q"))
    },
    Attack(value: "a module for a storage", "the identity of a storage") {
      Pickle.tensor(
        Pickle.tuple(["module", "a", "0", "cpu", "4"].map(Pickle.text)) + Pickle.op("Q"))
    },
    Attack(value: "two element types", "a tensor without one element type") {
      Pickle.tensor(rest: Pickle.global("torch", "float32"))
    },
    Attack(value: "an element type that is a number", "a tensor without one element type") {
      Pickle.tensor(
        Pickle.tuple([
          Pickle.text("storage"), Pickle.global("torch.storage", "UntypedStorage"), Pickle.text("0"),
          Pickle.text("cpu"), Pickle.int(16),
        ]) + Pickle.op("Q"), rest: Pickle.int(4))
    },
  ]

  static let modules: [Attack] = [
    Attack(pickle: "a module in itself", "a tree of modules too deep or too wide, expected") {
      Pickle.joined([
        Pickle.start, Pickle.module, Pickle.op("q\u{0}}"), Pickle.text("a"), Pickle.recalled(0), Pickle.op("sb."),
      ])
    },
    // Each of 60 modules holds the next one twice: 2^60 paths.
    Attack(pickle: "a tree of endless paths", "a tree of modules too deep or too wide") {
      let modules = (0..<60).flatMap { Pickle.module + Pickle.op("q") + [UInt8($0)] + Pickle.op("0") }
      let links = (0..<59).flatMap { index in
        let next = Pickle.recalled(UInt8(index + 1))
        return Pickle.joined([
          Pickle.recalled(UInt8(index)), Pickle.op("}("), Pickle.text("a"), next, Pickle.text("b"), next,
          Pickle.op("ub0"),
        ])
      }
      return Pickle.joined([Pickle.start, modules, links, Pickle.recalled(0), Pickle.stop])
    },
    Attack(pickle: "a module of endless parts with long names", "a tree of modules too deep or too wide") {
      let name = Pickle.text(String(repeating: "n", count: 500)) + Pickle.op("q\u{1}0")
      return Pickle.joined([
        Pickle.start, Pickle.module, Pickle.op("q\u{0}"), name, Pickle.op("}("),
        Pickle.repeated(Pickle.recalled(1) + Pickle.recalled(0), 100_000), Pickle.op("ub."),
      ])
    },
    Attack(pickle: "a path of long names", "the bytes of the name") {
      Pickle.joined([
        Pickle.start, Pickle.module, Pickle.dictionary, Pickle.text(String(repeating: "n", count: 500)),
        Pickle.module, Pickle.dictionary, Pickle.text(String(repeating: "m", count: 500)), Pickle.tensor(),
        Pickle.op("sbsb."),
      ])
    },
    Attack(pickle: "a module whose state is a number", "a module without tensors") {
      Pickle.joined([Pickle.start, Pickle.module, Pickle.int(1), Pickle.op("b.")])
    },
  ]

  static let zips: [Attack] = [
    Attack(zip: "an entry's bytes in another", "an end before byte") { $0.members[1].central.offset = 4 },
    Attack(zip: "two entries in one place", "an end before byte") { $0.members[1].central.offset = 0 },
    Attack(zip: "an entry in the directory", "where the directory begins") { $0.members[1].central.offset = 60_000 },
    Attack(zip: "an entry of 4 GB", "where the directory begins") {
      ($0.members[1].central.count, $0.members[1].central.storedCount) = (.max - 1, .max - 1)
    },
    Attack(zip: "a size that reaches the directory", "an end before byte") {
      ($0.members[1].central.count, $0.members[1].central.storedCount) = (17, 17)
    },
    Attack(zip: "sizes that differ, stored", "has method 0, 16 bytes stored for 17") {
      $0.members[1].central.count = 17
    },
    Attack(zip: "another size in the local header", "a local header of another name, method or size") {
      ($0.members[1].local.count, $0.members[1].local.storedCount) = (8, 8)
    },
    Attack(zip: "another name in the local header", "a local header of another name") {
      $0.members[1].local.name = "x/data/1"
    },
    Attack(zip: "another method in the local header", "a local header of another name, method") {
      $0.members[1].local.method = 8
    },
    Attack(zip: "a local header with fields past its room", "an end before byte") {
      $0.members[1].local.extra = [0, 0, 4, 0, 1, 2, 3, 4]
      $0.members[1].bytes = []
      ($0.members[1].central.count, $0.members[1].central.storedCount) = (8, 8)
    },
    Attack(zip: "two of one name", #"entry "x/data/0" of the zip archive is there twice"#) {
      $0.members.append($0.members[1])
    },
    Attack(zip: "two pickles", "2 entries NAME/data.pkl") { $0.members.append(.init("y/data.pkl", [])) },
    Attack(zip: "no pickle", "0 entries NAME/data.pkl in the zip archive, expected 1") { $0.members.removeFirst() },
    Attack(zip: "a pickle at the top", "0 entries NAME/data.pkl") { $0.members[0].name = "data.pkl" },
    Attack(zip: "a name with ..", "a name that leaves the archive") { $0.members[1].name = "x/../../etc/passwd" },
    Attack(zip: "an absolute name", "a name that leaves the archive") { $0.members[1].name = "/etc/passwd" },
    Attack(zip: "a name with a backslash", "a name that leaves the archive") { $0.members[1].name = "x\\..\\a" },
    Attack(zip: "a name with a NUL", "a name that leaves the archive") { $0.members[1].name = "x/a\u{0}b" },
    Attack(zip: "an empty name", "a name that leaves the archive") { $0.members[1].name = "" },
    Attack(zip: "a name of 5,000 bytes", "the bytes of an entry's name: 5000, expected at most 1024") {
      $0.members[1].name = String(repeating: "n", count: 5000)
    },
    Attack(zip: "an encrypted entry", "is encrypted, expected plain bytes") { $0.members[1].central.flags |= 1 },
    Attack(zip: "encryption that only the local header admits", "a local header of another") {
      $0.members[1].local.flags |= 1
    },
    Attack(zip: "another method", "has method 12") {
      ($0.members[1].central.method, $0.members[1].local.method) = (12, 12)
    },
    Attack(zip: "several disks", "a part of several disks") { $0.disk = 1 },
    Attack(zip: "an entry on another disk", "is on disk 2") { $0.members[1].central.disk = 2 },
    Attack(zip: "more entries than there are", "no whole entry") { $0.entryCount = 3 },
    Attack(zip: "fewer entries than there are", "more bytes, expected the end of the directory") { $0.entryCount = 1 },
    Attack(zip: "a directory elsewhere", "expected one that ends here") { $0.directoryStart = 0 },
    Attack(zip: "a directory of 4 GB", "the bytes of the zip directory: 4294967294, expected at most") {
      $0.directoryCount = .max - 1
    },
    Attack(zip: "bytes before the end record", "expected one that ends here") { $0.beforeEnd = [0] },
    Attack(zip: "saturated sizes without zip64", "extra fields without the sizes") {
      $0.members[1].central.count = .max
    },
    Attack(zip: "extra fields past their end", "extra fields without the sizes") {
      $0.members[1].central.extra = [1, 0, 255, 0]
    },
    Attack(zip: "zip64 sizes past 2^63", "where the directory begins") {
      ($0.members[1].central.count, $0.members[1].central.storedCount) = (.max, .max)
      $0.members[1].central.extra = [1, 0, 16, 0] + Pickle.repeated([0xFF], 16)
    },
    Attack(zip: "a zip64 locator that points nowhere", "a zip64 locator without its record") {
      $0.beforeEnd = [0x50, 0x4B, 6, 7] + little(UInt32(0)) + little(UInt64.max) + little(UInt32(1))
    },
    Attack(zip: "a zip64 record with other numbers", "other numbers than in the zip64 end record") {
      $0.addZip64(entries: 3)
    },
    Attack(zip: "a zip64 record of billions of entries", "the entries of the zip archive: 9223372036854775807") {
      $0.entryCount = .max
      $0.directoryCount = .max
      $0.directoryStart = .max
      $0.addZip64(entries: .max)
    },
    Attack("bytes after the end record", "found the end, expected an end record before it") {
      archive(Pickle.weights(Pickle.tensor())).bytes + [0]
    },
    Attack(zip: "a big-endian checkpoint", #"says "big", expected little"#) {
      $0.members.append(.init("x/byteorder", Array("big".utf8)))
    },
    Attack(zip: "an endless byte order", "the bytes of \"x/byteorder\": 1000") {
      $0.members.append(.init("x/byteorder", Pickle.repeated([0x61], 1000)))
    },
    Attack(zip: "compressed numbers", "is compressed, expected stored") {
      ($0.members[1].central.method, $0.members[1].local.method) = (8, 8)
    },
    Attack(zip: "a pickle that does not inflate", "does not inflate to the") {
      ($0.members[0].central.method, $0.members[0].local.method) = (8, 8)
    },
    Attack(zip: "a bomb that admits its size", "the bytes of \"x/data.pkl\": 100000000, expected at most 8388608") {
      $0.members[0] = bomb(claim: 100_000_000)
    },
    Attack(zip: "a bomb that does not", "does not inflate to the 1000 bytes it promises") {
      $0.members[0] = bomb(claim: 1000)
    },
    Attack(zip: "a pickle that inflates to less", "does not inflate to the 2000 bytes") {
      $0.members[0] = bomb(matches: 3, claim: 2000)
    },
    Attack(zip: "entries in many thousands", "0 entries NAME/data.pkl") {
      $0.members = (0..<65_535).map { .init("x/data/\($0)", []) }
    },
  ]
}

extension Attack {
  /// A safetensors header that many times repeats a part.
  private init(
    header name: String, _ message: String, _ start: String, _ count: Int, _ part: @escaping @Sendable (Int) -> String
  ) {
    self.init(name, message) {
      let header = Array((start + (0..<count).map(part).joined()).utf8)
      return little(UInt64(header.count)) + header
    }
  }

  static let headers: [Attack] = [
    Attack(header: "tensors in hundreds of thousands", "the members of a header's object: 65537", "{", 300_000) {
      #""\#($0)":{"dtype":"U8","shape":[],"data_offsets":[0,0]},"#
    },
    Attack(
      header: "metadata in hundreds of thousands", "the members of a header's object", #"{"__metadata__":{"#, 900_000
    ) {
      #""\#($0)":"","#
    },
    Attack(header: "a string of 16 MB", "found its end, expected the end of a string", #"{""#, 1 << 20) { _ in
      "aaaaaaaaaaaaaaa"
    },
    Attack(header: "escapes", "found its end, expected the end of a string", #"{""#, 2 << 20) { _ in "\\u00e9" },
    Attack(header: "dimensions in millions", "the dimensions of a tensor: 65", #"{"a":{"shape":["#, 4_000_000) { _ in
      "1,"
    },
    Attack(header: "spaces", #"expected """#, "{", 1 << 20) { _ in String(repeating: " ", count: 15) },
    Attack(header: "a header too long", "header length 17825793, expected at most 16777216", "{", 1 << 20) { _ in
      String(repeating: " ", count: 17)
    },
  ]
}

/// A pickle of 1 + 258 · matches zeros, deflated: a literal, then the longest matches with what stands before, in
/// fixed codes (RFC 1951, 3.2.6).
private func bomb(matches: Int = 387_597, claim: UInt32) -> ZipBuilder.Member {
  var bits: [UInt8] = [1, 1, 0] + code(0b0011_0000, 8)
  for _ in 0..<matches { bits += code(0b1100_0101, 8) + code(0, 5) }
  bits += code(0, 7)
  var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
  for (index, bit) in bits.enumerated() { bytes[index / 8] |= bit << UInt8(index % 8) }
  let claims = ZipBuilder.Claims(method: 8, count: claim)
  return .init("x/data.pkl", bytes, local: claims, central: claims)
}

/// Codes begin with their highest bit.
private func code(_ code: UInt8, _ length: Int) -> [UInt8] { (0..<length).reversed().map { code >> UInt8($0) & 1 } }
