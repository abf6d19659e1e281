import COpenBLAS
import Synchronization

/// The BLAS and LAPACK of this process: OpenBLAS, loaded once, each call on the thread that makes it.
///
/// Results then do not depend on the number of threads, and this program's threads do not wait for those of BLAS.
package enum OpenBLAS {
  private struct State {
    /// The kernels that OpenBLAS chose itself; nil before it is loaded.
    var ownKernels: String?
    /// The threads that it has work memory for.
    var threads = 0
  }

  private static let state = Mutex(State())

  /// Loads OpenBLAS, the first time, and takes the memory in which `threads` threads multiply at once.
  ///
  /// The first product does the same for one thread, and ends the program where that fails, so that whoever multiplies a
  /// stranger's data calls this before.
  ///
  /// - Parameter choose: gives the value of `OPENBLAS_CORETYPE` to load it again with, from the name of the kernels that it
  ///   chose itself and the library's own; nil to keep them. It is asked once, and not where that variable is set.
  /// - Throws: `OpenBLASFailure`.
  package static func prepare(
    threads: Int, kernels choose: (String, String) -> String? = { own, _ in KernelSet.better(than: own)?.coreType }
  ) throws(OpenBLASFailure) {
    try state.withLock { state throws(OpenBLASFailure) in
      if state.ownKernels == nil {
        try load(nil)
        let own = String(cString: openblas_core_name())
        if KernelSet.asked == nil, let better = choose(own, loadedName) { try load(better) }
        state.ownKernels = own
      }
      guard threads > state.threads else { return }
      let found = Int(openblas_take_work_memory(Int32(clamping: threads)))
      guard found == threads else {
        throw .noMemory(threads: threads, found: found, megabytes: openblas_work_memory() >> 20)
      }
      state.threads = threads
    }
  }

  private static func load(_ coreType: String?) throws(OpenBLASFailure) {
    if let reason = openblas_load(coreType) { throw .notLoaded(reason: String(cString: reason)) }
  }

  /// Read before each use of OpenBLAS.
  ///
  /// Every command that multiplies prepares it before it looks at any data, and says in one line what is wrong: this ends only a
  /// program that did not.
  static let isLoaded: Void = {
    do {
      try prepare(threads: 1)
    } catch {
      fatalError("\(error)")
    }
  }()

  /// The name and version, for example "OpenBLAS 0.3.21".
  package static var name: String {
    _ = isLoaded
    return loadedName
  }

  private static var loadedName: String {
    String(cString: openblas_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// The processors that the kernels in use were written for, for example "SkylakeX".
  package static var kernels: String {
    _ = isLoaded
    return String(cString: openblas_core_name())
  }

  /// The processors that the kernels were written for which OpenBLAS took before it was asked for others.
  package static var ownKernels: String {
    _ = isLoaded
    return state.withLock { $0.ownKernels ?? "" }
  }
}

/// What keeps OpenBLAS from computing.
package enum OpenBLASFailure: Error, CustomStringConvertible {
  case notLoaded(reason: String)
  /// There is memory for `found` threads in place of `threads`.
  case noMemory(threads: Int, found: Int, megabytes: Int)

  package var description: String {
    switch self {
    case .notLoaded(let reason): "OpenBLAS cannot be loaded: \(reason); install libopenblas0"
    case .noMemory(let threads, let found, let megabytes):
      "matrix products take \(megabytes) MB of address space a thread, and there is room for \(found) of \(threads) threads; "
        + (found > 0 ? "use --jobs \(found), or allow more (ulimit -v)" : "allow more (ulimit -v)")
    }
  }
}
