import Diagnostics
import Files

/// A zip archive of `torch.save` (since PyTorch 1.6) or `torch.jit.save`: `NAME/data.pkl` names the tensors, and
/// `NAME/data/KEY` holds their numbers. (Format: torch/serialization.py and caffe2/serialize of PyTorch.)
struct TorchArchive {
  private let zip: ZipArchive
  /// The folder that the archive keeps everything in, with its slash.
  private let folder: String

  private var path: String { zip.file.path }

  init(_ file: FileMapping) throws(CheckpointError) {
    zip = try ZipArchive(file)
    let pickles = zip.names.filter { $0.hasSuffix("/data.pkl") && $0.utf8.count { $0 == UInt8(ascii: "/") } == 1 }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw .archive(path: file.path, .pickles(pickles.count))
    }
    folder = String(pickle.dropLast("data.pkl".count))
  }

  /// Whether it holds a program besides.
  var isTorchScript: Bool { zip.names.contains(folder + "constants.pkl") }

  /// Every tensor of the weights, proven to lie in its storage.
  func tensors() throws(CheckpointError) -> [String: StoredTensor] {
    try requireLittleEndian()
    let named = try zip.withContents(of: folder + "data.pkl", limit: PickleMachine.maximumByteCount) {
      (bytes) throws(CheckpointError) in
      var machine = PickleMachine(path: path, bytes: bytes)
      let root = try machine.run()
      return try PickledWeights(root: root, objects: machine.objects).named()
    }
    var tensors: [String: StoredTensor] = [:]
    for (name, tensor) in (named ?? [:]).sorted(by: { $0.key < $1.key }) {
      tensors[name] = try stored(tensor, name)
    }
    return tensors
  }

  private func requireLittleEndian() throws(CheckpointError) {
    let order = try zip.withContents(of: folder + "byteorder", limit: 16) { String(decoding: $0, as: UTF8.self) }
    guard order == nil || order == "little" else {
      throw .archive(
        path: path,
        .entry(
          folder + "byteorder", found: "says \(quoted(order ?? ""))",
          expected: "little; save the checkpoint on a little-endian machine"))
    }
  }

  private func stored(_ tensor: PickleTensor, _ name: String) throws(CheckpointError) -> StoredTensor {
    let bytes = try range(of: tensor.storage, for: name)
    let available = bytes.count / tensor.type.byteCount
    guard let byteCount = tensor.type.byteCount(of: tensor.shape) else {
      throw .sizeOverflow(path: path, tensor: name, shape: tensor.shape)
    }
    guard let reach = tensor.reach, reach <= available else {
      throw .pickle(
        path: path,
        .outOfStorage(
          tensor: name, shape: tensor.shape, strides: tensor.strides, offset: tensor.offset,
          available: available))
    }
    // A stride of 0 would make a terabyte of one number.
    guard byteCount <= bytes.count else {
      throw .pickle(path: path, .repeated(tensor: name, shape: tensor.shape, available: available))
    }
    return StoredTensor(
      file: zip.file, type: tensor.type, shape: tensor.shape,
      start: bytes.lowerBound + (byteCount == 0 ? 0 : tensor.offset * tensor.type.byteCount),
      strides: tensor.isContiguous ? nil : tensor.strides)
  }

  /// The bytes of a storage, which must be as many as the pickle claims.
  private func range(of storage: PickleStorage, for tensor: String) throws(CheckpointError) -> Range<Int> {
    let entry = folder + "data/" + storage.key
    guard let range = try zip.range(of: entry) else {
      throw .pickle(path: path, .missingStorage(tensor: tensor, entry: entry))
    }
    let size = storage.type?.byteCount ?? 1
    // Bytes that make no whole element may be left over.
    guard range.count / size == storage.count else {
      throw .pickle(
        path: path,
        .wrongStorage(
          tensor: tensor, entry: entry, found: range.count, claimed: storage.count,
          type: storage.type?.rawValue ?? "U8"))
    }
    return range
  }
}

extension PickleTensor {
  /// The place behind the last number, in elements from the start of the storage; nil where it does not fit.
  fileprivate var reach: Int? {
    if shape.contains(0) { return 0 }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (step, overflow1) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow2) = last.addingReportingOverflow(step)
      guard !overflow1, !overflow2 else { return nil }
      last = sum
    }
    let (reach, overflow) = last.addingReportingOverflow(1)
    return overflow ? nil : reach
  }

  /// Whether the numbers follow each other row by row, for a shape whose product fits.
  fileprivate var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }
}
