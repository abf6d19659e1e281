/// What wrappers of a model put into the names of its tensors; names are taken apart by bytes, since as letters a dot and an
/// accent after it would be one.
extension [String: StoredTensor] {
  /// The attributes that wrappers for training and compiling keep a module under.
  private static let wrappers = ["module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"]

  /// The tensors by their names without the wrappers in them, wherever those stand; as they are where two names would
  /// become one.
  func withoutWrappers() -> Self {
    renamed { parts in
      parts.dropLast().filter { part in !Self.wrappers.contains { part.elementsEqual($0.utf8) } } + parts.suffix(1)
    } ?? self
  }

  /// The tensors by their names without the parts that all of them begin with.
  func withoutCommonPrefix() -> Self {
    guard var common = keys.first.map({ parts(of: $0).dropLast() }) else { return self }
    for name in keys {
      let same = zip(common, parts(of: name).dropLast()).prefix { $0.elementsEqual($1) }
      common = common.prefix(same.count)
    }
    let count = common.count
    return count == 0 ? self : renamed { $0.dropFirst(count) } ?? self
  }

  private typealias Parts = ArraySlice<Substring.UTF8View>

  private func parts(of name: String) -> Parts {
    name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)[...]
  }

  /// Nil where two names become one.
  private func renamed(_ change: (Parts) -> Parts) -> Self? {
    var result: Self = [:]
    for (name, tensor) in self {
      let bytes = Array(change(parts(of: name)).joined(separator: ".".utf8))
      guard result.updateValue(tensor, forKey: String(decoding: bytes, as: UTF8.self)) == nil else { return nil }
    }
    return result
  }
}
