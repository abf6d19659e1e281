#if OneDNN
  import COneDNN
  import Foundation
  import Synchronization

  /// The kind of number in a buffer.
  package enum DNNLNumber: Sendable, Hashable {
    case float32, bfloat16

    var dataType: dnnl_data_type_t { self == .float32 ? dnnl_f32 : dnnl_bf16 }
  }

  /// The step between a product and its storing.
  package enum DNNLEnding: Sendable, Hashable {
    case none
    /// The function x·Φ(x), by oneDNN's approximation of erf.
    case gelu
    /// The function x·σ(αx).
    case swish(Float)
  }

  /// A product of row-major matrices, `c = ending(a·b + bias)`, prepared for one shape.
  ///
  /// It may run on several threads at once, each run on one thread alone.
  package final class Matmul: @unchecked Sendable {
    // Primitives are immutable once created, and oneDNN runs them from any thread; Swift cannot see that in a C pointer.

    package struct Shape: Hashable, Sendable {
      var rows: Int, columns: Int, inner: Int
      var a: DNNLNumber, aStride: Int
      /// The distances between b's rows and between its columns; nil for weights in oneDNN's own format.
      var bStrides: [Int]?
      var c: DNNLNumber, cStride: Int
      var hasBias: Bool
      var ending: DNNLEnding

      package init(
        rows: Int, columns: Int, inner: Int, a: DNNLNumber, aStride: Int, bStrides: [Int]?, c: DNNLNumber, cStride: Int,
        hasBias: Bool = false, ending: DNNLEnding = .none
      ) {
        (self.rows, self.columns, self.inner) = (rows, columns, inner)
        (self.a, self.aStride, self.bStrides) = (a, aStride, bStrides)
        (self.c, self.cStride) = (c, cStride)
        (self.hasBias, self.ending) = (hasBias, ending)
      }
    }

    let shape: Shape
    private let primitive: dnnl_primitive_t
    private let a: dnnl_memory_desc_t
    let b: dnnl_memory_desc_t
    private let c: dnnl_memory_desc_t
    private let bias: dnnl_memory_desc_t
    private let scratch: dnnl_memory_desc_t

    /// Prepares a product; nil where oneDNN has no implementation for this processor.
    ///
    /// `weights` is b in oneDNN's own format. Where it and `shape.bStrides` are nil, oneDNN chooses the format.
    package init?(_ shape: Shape, weights: DNNLWeights? = nil) {
      self.shape = shape
      a = strided([shape.rows, shape.inner], [shape.aStride, 1], shape.a)
      c = strided([shape.rows, shape.columns], [shape.cStride, 1], shape.c)
      bias = strided([1, shape.columns], [shape.columns, 1], .float32)
      let asked =
        weights?.format
        ?? shape.bStrides.map { strided([shape.inner, shape.columns], $0, shape.a) }
        ?? anyFormat([shape.inner, shape.columns], shape.a)
      var (left, right, result, added) = (a, asked, c, bias)
      var description = dnnl_matmul_desc_t()
      let status =
        shape.hasBias
        ? dnnl_matmul_desc_init(&description, &left, &right, &added, &result)
        : dnnl_matmul_desc_init(&description, &left, &right, nil, &result)
      guard status == dnnl_success else { return nil }
      var postOps: dnnl_post_ops_t?
      var attributes: dnnl_primitive_attr_t?
      defer {
        dnnl_primitive_attr_destroy(attributes)
        dnnl_post_ops_destroy(postOps)
      }
      guard dnnl_post_ops_create(&postOps) == dnnl_success, dnnl_primitive_attr_create(&attributes) == dnnl_success,
        Self.append(shape.ending, to: postOps),
        // oneDNN's own scratch belongs to the thread that a primitive was created on.
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success,
        dnnl_primitive_attr_set_post_ops(attributes, postOps) == dnnl_success
      else { return nil }
      var chosen: dnnl_primitive_desc_t?
      guard dnnl_primitive_desc_create(&chosen, &description, attributes, DNNL.engine, nil) == dnnl_success,
        let chosen
      else { return nil }
      defer { dnnl_primitive_desc_destroy(chosen) }
      b = dnnl_primitive_desc_query_md(chosen, dnnl_query_weights_md, 0).pointee
      scratch = dnnl_primitive_desc_query_md(chosen, dnnl_query_scratchpad_md, 0).pointee
      var made: dnnl_primitive_t?
      guard dnnl_primitive_create(&made, chosen) == dnnl_success, let made else { return nil }
      primitive = made
    }

    deinit { dnnl_primitive_destroy(primitive) }

    private static func append(_ ending: DNNLEnding, to postOps: dnnl_post_ops_t?) -> Bool {
      switch ending {
      case .none: true
      case .gelu: dnnl_post_ops_append_eltwise(postOps, 1, dnnl_eltwise_gelu_erf, 0, 0) == dnnl_success
      case .swish(let alpha): dnnl_post_ops_append_eltwise(postOps, 1, dnnl_eltwise_swish, alpha, 0) == dnnl_success
      }
    }

    /// A runner of the product for the calling thread.
    package func runner() -> Runner { Runner(self) }

    /// The product's buffers, for one thread; they may be set again for every run.
    package final class Runner {
      private let matmul: Matmul
      private let memories: [dnnl_memory_t]
      private let stream: dnnl_stream_t
      private let scratch: ScratchBuffer

      fileprivate init(_ matmul: Matmul) {
        self.matmul = matmul
        DNNL.useOneThread()
        memories = [matmul.a, matmul.b, matmul.c, matmul.bias, matmul.scratch].map(DNNL.memory)
        stream = DNNL.stream()
        scratch = ScratchBuffer.taken(size: dnnl_memory_desc_get_size([matmul.scratch]))
        dnnl_memory_set_data_handle(memories[4], scratch.start)
      }

      deinit {
        for memory in memories { dnnl_memory_destroy(memory) }
        dnnl_stream_destroy(stream)
        scratch.giveBack()
      }

      package func run(
        _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, bias: UnsafeRawPointer? = nil,
        into c: UnsafeMutableRawPointer
      ) {
        let places = [UnsafeMutableRawPointer(mutating: a), UnsafeMutableRawPointer(mutating: b), c]
        for (memory, place) in zip(memories, places) { dnnl_memory_set_data_handle(memory, place) }
        withUnsafeTemporaryAllocation(of: dnnl_exec_arg_t.self, capacity: 5) { arguments in
          arguments[0] = dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: memories[0])
          arguments[1] = dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: memories[1])
          arguments[2] = dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: memories[2])
          arguments[3] = dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: memories[4])
          var count = 4
          if let bias {
            dnnl_memory_set_data_handle(memories[3], UnsafeMutableRawPointer(mutating: bias))
            arguments[count] = dnnl_exec_arg_t(arg: DNNL_ARG_BIAS, memory: memories[3])
            count += 1
          }
          let status = withoutHandlers {
            let status = dnnl_primitive_execute(matmul.primitive, stream, Int32(count), arguments.baseAddress)
            dnnl_stream_wait(stream)
            return status
          }
          precondition(status == dnnl_success, "oneDNN: status \(status.rawValue) for \(matmul.shape)")
        }
      }
    }
  }

  /// Runs a kernel while none of the program's handlers of signals may run on this thread.
  ///
  /// Kernels that oneDNN writes at run time do not leave the stack to a handler: with version 2.6.3, of 40 processes that got SIGTERM over
  /// and over while they multiplied, 7 ended with a damaged heap. A signal that comes meanwhile is handled right after.
  private func withoutHandlers<Result>(_ body: () -> Result) -> Result {
    var (handled, before) = (sigset_t(), sigset_t())
    sigemptyset(&handled)
    for number in [SIGINT, SIGTERM, SIGALRM, SIGUSR1] { sigaddset(&handled, number) }
    pthread_sigmask(SIG_BLOCK, &handled, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
  }

  /// Weights `[outputs, inputs]` in the format that oneDNN multiplies fastest.
  package final class DNNLWeights: @unchecked Sendable {
    // Written once, in `init`.
    private let memory: dnnl_memory_t
    let format: dnnl_memory_desc_t

    /// Converts row-major float32 `weights`, `[outputs, inputs]`, to the format that `matmul` chose.
    package init(_ weights: [Float], for matmul: Matmul) {
      format = matmul.b
      memory = DNNL.memory(format)
      let place = UnsafeMutableRawPointer.allocate(byteCount: dnnl_memory_desc_get_size([format]), alignment: 64)
      dnnl_memory_set_data_handle(memory, place)
      let (inner, columns) = (matmul.shape.inner, matmul.shape.columns)
      precondition(weights.count == inner * columns, "\(weights.count) weights for \(columns)×\(inner)")
      weights.withUnsafeBytes { source in
        var plain = strided([inner, columns], [1, inner], .float32)
        let from = DNNL.memory(plain)
        dnnl_memory_set_data_handle(from, UnsafeMutableRawPointer(mutating: source.baseAddress))
        DNNL.useOneThread()
        let stream = DNNL.stream()
        var format = format
        var description: dnnl_primitive_desc_t?
        var reorder: dnnl_primitive_t?
        var status = dnnl_reorder_primitive_desc_create(
          &description, &plain, DNNL.engine, &format, DNNL.engine, nil)
        if status == dnnl_success { status = dnnl_primitive_create(&reorder, description) }
        if status == dnnl_success {
          let ends = [
            dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: from), dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: memory),
          ]
          status = withoutHandlers {
            let status = dnnl_primitive_execute(reorder, stream, 2, ends)
            dnnl_stream_wait(stream)
            return status
          }
        }
        precondition(status == dnnl_success, "oneDNN: status \(status.rawValue) packing \(columns)×\(inner)")
        dnnl_primitive_destroy(reorder)
        dnnl_primitive_desc_destroy(description)
        dnnl_stream_destroy(stream)
        dnnl_memory_destroy(from)
      }
    }

    deinit {
      start.deallocate()
      dnnl_memory_destroy(memory)
    }

    package var start: UnsafeMutableRawPointer {
      var place: UnsafeMutableRawPointer?
      dnnl_memory_get_data_handle(memory, &place)
      return place!
    }
  }

  package enum DNNL {
    /// The version, for example "2.6.3".
    package static var version: String {
      let version = dnnl_version().pointee
      return "\(version.major).\(version.minor).\(version.patch)"
    }

    /// The engine of this processor, whose use from several threads oneDNN allows.
    nonisolated(unsafe) static let engine: dnnl_engine_t = {
      var engine: dnnl_engine_t?
      let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
      precondition(status == dnnl_success, "oneDNN has no engine for this processor: status \(status.rawValue)")
      return engine!
    }()

    static func memory(_ description: dnnl_memory_desc_t) -> dnnl_memory_t {
      var (description, memory) = (description, dnnl_memory_t(bitPattern: 0))
      let status = dnnl_memory_create(&memory, &description, engine, nil)
      precondition(status == dnnl_success, "oneDNN: status \(status.rawValue) describing a buffer")
      return memory!
    }

    static func stream() -> dnnl_stream_t {
      var stream: dnnl_stream_t?
      let status = dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue))
      precondition(status == dnnl_success, "oneDNN: status \(status.rawValue) making a stream")
      return stream!
    }

    /// Keeps oneDNN to the calling thread.
    ///
    /// libgomp's count of threads belongs to the calling thread. oneDNN brings libgomp but not its header.
    static func useOneThread() { setThreads?(1) }

    private static let setThreads: (@convention(c) (Int32) -> Void)? = {
      guard let symbol = dlsym(nil, "omp_set_num_threads") else { return nil }
      return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)
    }()
  }

  /// Scratch memory, aligned to 64 bytes, that is used again after it is given back.
  package struct ScratchBuffer: @unchecked Sendable {
    // Only the code that took a buffer refers to it until it is given back.
    package let start: UnsafeMutableRawPointer
    let size: Int

    private static let free = Mutex<[ScratchBuffer]>([])

    package static func taken(size: Int) -> ScratchBuffer {
      let found = free.withLock { $0.popLast() }
      if let found, found.size >= size { return found }
      found?.start.deallocate()
      let size = max(size, 64)
      return ScratchBuffer(start: .allocate(byteCount: size, alignment: 64), size: size)
    }

    package func giveBack() { Self.free.withLock { $0.append(self) } }
  }

  private func strided(_ sizes: [Int], _ strides: [Int], _ number: DNNLNumber) -> dnnl_memory_desc_t {
    let (sizes, strides) = (sizes.map(Int64.init), strides.map(Int64.init))
    var description = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_strides(
      &description, Int32(sizes.count), sizes, number.dataType, strides)
    precondition(status == dnnl_success, "oneDNN: status \(status.rawValue) for \(sizes)")
    return description
  }

  private func anyFormat(_ sizes: [Int], _ number: DNNLNumber) -> dnnl_memory_desc_t {
    var description = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_tag(
      &description, Int32(sizes.count), sizes.map(Int64.init), number.dataType, dnnl_format_tag_any)
    precondition(status == dnnl_success, "oneDNN: status \(status.rawValue) for \(sizes)")
    return description
  }
#endif
