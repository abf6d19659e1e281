import CVectors
import Foundation

/// The kernels of OpenBLAS for x86-64, by the widest instructions that they use.
///
/// OpenBLAS chooses by a table of the processors that it knew when it was released. On a newer processor its choice can be the kernels for SSE3, a quarter as fast as those that the processor could run (seen with 0.3.21 on family
/// 6, model 207).
package enum KernelSet: Int, Sendable, CaseIterable, Comparable {
  case sse3, avx, avx2, avx512

  /// The value of `OPENBLAS_CORETYPE` that asks for it.
  package var coreType: String {
    switch self {
    case .sse3: "Prescott"
    case .avx: "Sandybridge"
    case .avx2: "Haswell"
    case .avx512: "SkylakeX"
    }
  }

  /// The instructions as they are written.
  package var title: String {
    switch self {
    case .sse3: "SSE3"
    case .avx: "AVX"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    }
  }

  /// The kernels that OpenBLAS calls by the name of a processor; nil for a name that is not known here.
  package init?(coreName: String) {
    switch coreName.lowercased() {
    case "generic", "katmai", "coppermine", "northwood", "prescott", "banias", "atom", "core2", "penryn", "dunnington",
      "nehalem", "athlon", "opteron", "opteron_sse3", "barcelona", "bobcat", "nano":
      self = .sse3
    case "sandybridge", "bulldozer", "piledriver", "steamroller": self = .avx
    case "haswell", "zen", "excavator": self = .avx2
    case "skylakex", "cooperlake", "sapphirerapids": self = .avx512
    default: return nil
    }
  }

  /// The widest kernels for some instruction sets.
  ///
  /// - Parameter instructionSets: as `vectors_instruction_sets` says them; 0 where they are not those of x86-64.
  init?(instructionSets: Int32) {
    guard instructionSets != 0 else { return nil }
    func has(_ set: Int) -> Bool { Int(instructionSets) & set != 0 }
    self = has(VECTORS_AVX512) ? .avx512 : has(VECTORS_AVX2) ? .avx2 : .avx
  }

  /// The widest kernels that this processor can run; nil where it is none of x86-64, or has not even AVX.
  package static var supported: KernelSet? { KernelSet(instructionSets: vectors_instruction_sets()) }

  /// The value of `OPENBLAS_CORETYPE` that somebody has set; nil where it is not set, or empty.
  package static let asked = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"].flatMap { $0.isEmpty ? nil : $0 }

  package static func < (left: KernelSet, right: KernelSet) -> Bool { left.rawValue < right.rawValue }

  /// The kernels of which one is the fastest where OpenBLAS chose `coreName`: the widest that the processor can run and the next
  /// best, widest first.
  package static func candidates(
    insteadOf coreName: String, for supported: KernelSet? = KernelSet.supported
  ) -> [KernelSet] {
    guard better(than: coreName, for: supported) != nil, let supported else { return [] }
    return allCases.filter { $0 <= supported }.suffix(2).reversed()
  }

  /// The kernels that those in use are to be compared with: wider ones, and the next best.
  package static func alternatives(to coreName: String, for supported: KernelSet? = KernelSet.supported) -> [KernelSet]
  {
    guard let used = KernelSet(coreName: coreName), let supported else { return [] }
    return allCases.filter { $0 <= supported && $0 != used && $0.rawValue >= used.rawValue - 1 }
  }

  /// The kernels to ask for in place of those that OpenBLAS chose; nil where its choice is as wide as the processor, or not
  /// known here.
  package static func better(than coreName: String, for supported: KernelSet? = KernelSet.supported) -> KernelSet? {
    guard let chosen = KernelSet(coreName: coreName), let supported, chosen < supported else { return nil }
    return supported
  }
}
