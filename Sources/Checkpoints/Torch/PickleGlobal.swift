/// The meaning of a global of a pickle.
///
/// None of Python's code is involved: each is a way to make a `PickleValue`.
enum PickleGlobal {
  case orderedDictionary
  /// `_rebuild_tensor_v2` or `_v3`, which names its element type.
  case tensor(namesType: Bool)
  case parameter
  case size
  /// `build_intlist` and the like: the list they are given.
  case list
  /// `restore_type_tag`: the value it is given, without the tag.
  case withoutTag
  /// A class of TorchScript: a bag of attributes.
  case module
  /// A storage of elements; of bytes where nil.
  case storage(ElementType?)
  case elementType(ElementType)
  /// A part of a training checkpoint that no weight is made of; what is called with it, put into it or set on it is
  /// dropped.
  case inert

  /// The meaning of `name`, or nil where it is not allowed.
  init?(_ name: String) {
    if let global = Self.allowed[name] {
      self = global
    } else if name.hasPrefix("__torch__.") {
      self = .module
    } else {
      return nil
    }
  }

  private static let allowed: [String: PickleGlobal] = {
    var allowed: [String: PickleGlobal] = [
      "collections.OrderedDict": .orderedDictionary,
      "torch._utils._rebuild_tensor_v2": .tensor(namesType: false),
      "torch._utils._rebuild_tensor_v3": .tensor(namesType: true),
      "torch._utils._rebuild_parameter": .parameter,
      "torch._utils._rebuild_parameter_with_state": .parameter,
      "torch.Size": .size,
      "torch.storage.UntypedStorage": .storage(nil),
      "torch.jit._pickle.restore_type_tag": .withoutTag,
    ]
    for type in ["int", "tensor", "double", "bool"] { allowed["torch.jit._pickle.build_\(type)list"] = .list }
    for (name, type) in storageTypes { allowed["torch.\(name)Storage"] = .storage(type) }
    for (name, type) in elementTypes { allowed["torch.\(name)"] = .elementType(type) }
    for name in unneeded { allowed[name] = .inert }
    return allowed
  }()

  private static let storageTypes: [(String, ElementType)] = [
    ("Double", .f64), ("Float", .f32), ("Half", .f16), ("BFloat16", .bf16), ("Long", .i64), ("Int", .i32),
    ("Short", .i16), ("Char", .i8), ("Byte", .u8), ("Bool", .bool),
  ]

  private static let elementTypes: [(String, ElementType)] = [
    ("float64", .f64), ("float32", .f32), ("float16", .f16), ("bfloat16", .bf16), ("int64", .i64), ("int32", .i32),
    ("int16", .i16), ("int8", .i8), ("uint64", .u64), ("uint32", .u32), ("uint16", .u16), ("uint8", .u8),
    ("bool", .bool), ("float8_e5m2", .f8e5m2), ("float8_e4m3fn", .f8e4m3),
  ]

  /// Globals of what training scripts keep beside the weights: arguments, milestones of a schedule, scores as numpy scalars
  /// (whose bytes are written by way of `_codecs.encode` in protocol 2).
  private static let unneeded = [
    "argparse.Namespace", "collections.Counter", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
    "numpy.dtype", "_codecs.encode", "torch.device",
  ]
}
