import LinearAlgebra
import Testing

@Suite struct `Kernels of OpenBLAS` {
  @Test(
    arguments: [
      // What OpenBLAS 0.3.21 takes on a processor that it does not know.
      ("Prescott", .avx512, .avx512), ("Prescott", .avx2, .avx2), ("Nehalem", .avx, .avx),
      ("Haswell", .avx512, .avx512), ("Zen", .avx512, .avx512), ("SANDYBRIDGE", .avx2, .avx2),
      // Its choice is as wide as the processor.
      ("SkylakeX", .avx512, nil), ("Cooperlake", .avx512, nil), ("SapphireRapids", .avx512, nil), ("Zen", .avx2, nil),
      ("Haswell", .avx2, nil), ("Prescott", .sse3, nil),
      // Kernels, or a processor, of which nothing is known here.
      ("NeoverseN1", nil, nil), ("SomethingNew", .avx512, nil), ("", .avx512, nil), ("Prescott", nil, nil),
    ] as [(String, KernelSet?, KernelSet?)])
  func `are asked for where the processor can run wider ones`(
    chosen: String, supported: KernelSet?, better: KernelSet?
  ) {
    #expect(KernelSet.better(than: chosen, for: supported) == better)
  }

  @Test(
    arguments: [
      // Where others are asked for, the widest are held against the next best, which can be faster.
      ("Prescott", .avx512, [.avx512, .avx2]), ("Prescott", .avx2, [.avx2, .avx]),
      ("Haswell", .avx512, [.avx512, .avx2]),
      ("Prescott", .avx, [.avx, .sse3]),
      // Nothing is tried where OpenBLAS knows the processor, or nothing is known of it here.
      ("Cooperlake", .avx512, []), ("Zen", .avx2, []), ("Prescott", .sse3, []), ("SomethingNew", .avx512, []),
      ("Prescott", nil, []),
    ] as [(String, KernelSet?, [KernelSet])])
  func `are tried where OpenBLAS chose too narrow ones`(chosen: String, supported: KernelSet?, tried: [KernelSet]) {
    #expect(KernelSet.candidates(insteadOf: chosen, for: supported) == tried)
  }

  @Test(
    arguments: [
      ("Cooperlake", .avx512, [.avx2]), ("Haswell", .avx512, [.avx, .avx512]), ("Prescott", .avx2, [.avx, .avx2]),
      ("Zen", .avx2, [.avx]), ("Prescott", .sse3, []), ("SomethingNew", .avx512, []),
    ] as [(String, KernelSet?, [KernelSet])])
  func `are compared with wider ones and the next best`(used: String, supported: KernelSet?, others: [KernelSet]) {
    #expect(KernelSet.alternatives(to: used, for: supported) == others)
  }

  @Test func `in use multiply as sums in double do, at all shapes and odd edges`() {
    #expect(worstProductError() <= ProductMeasurement.allowedError)
  }

  @Test func `are known by the names that ask for them`() {
    for set in KernelSet.allCases { #expect(KernelSet(coreName: set.coreType) == set) }
  }

  @Test func `in use are known, and no wider than the processor`() throws {
    guard let supported = KernelSet.supported else { return }
    let chosen = try #require(KernelSet(coreName: OpenBLAS.kernels), "\(OpenBLAS.kernels)")
    #expect(chosen <= supported)
  }
}
