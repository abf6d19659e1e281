import Build
import LinearAlgebra
import Testing

@Suite struct `Measured products` {
  /// - Parameter speeds: of OpenBLAS, of oneDNN in float32 and in bfloat16; 0 where there is none.
  private static func measurement(
    _ kernels: String, error: Double = 1e-7, _ speeds: Double...
  ) -> ProductMeasurement {
    let kinds = [(ProductLibrary.openBLAS, Precision.fp32), (.oneDNN, .fp32), (.oneDNN, .bf16)]
    return ProductMeasurement(
      kernels: kernels, error: error,
      speeds: zip(kinds, speeds).filter { $0.1 > 0 }.map {
        ProductMeasurement.Speed(library: $0.0, precision: $0.1, gigaflops: $1)
      })
  }

  @Test(
    arguments: [
      (["SkylakeX": measurement("SkylakeX", 280), "Haswell": measurement("Haswell", 130)], "SkylakeX"),
      // The widest are not the fastest everywhere.
      (["SkylakeX": measurement("SkylakeX", 92), "Haswell": measurement("Haswell", 96)], "Haswell"),
      // Kernels that are wrong are not taken, however fast.
      (["SkylakeX": measurement("SkylakeX", error: 0.1, 280), "Haswell": measurement("Haswell", 130)], "Haswell"),
      (["SkylakeX": measurement("SkylakeX", error: .infinity, 280)], nil), (["": measurement("Zen", 90)], nil),
      ([:], nil),
    ] as [([String: ProductMeasurement], String?)])
  func `choose the fastest kernels that are right`(found: [String: ProductMeasurement], coreType: String?) {
    #expect(MeasuredProducts(subject: "", byCoreType: found).coreType == coreType)
  }

  @Test func `choose the faster library in float32`() {
    func library(_ speeds: ProductMeasurement) -> ProductLibrary? {
      MeasuredProducts(subject: "", byCoreType: ["": speeds]).library
    }
    #expect(library(Self.measurement("Zen", 100, 90, 200)) == .openBLAS)
    #expect(library(Self.measurement("Zen", 90, 100, 200)) == .oneDNN)
    #expect(library(Self.measurement("Zen", 90)) == .openBLAS)
    #expect(MeasuredProducts(subject: "", byCoreType: [:]).library == nil)
  }

  @Test func `say that bf16 is slower than fp32, where it is and is asked for`() {
    let slow = MeasuredProducts(subject: "", byCoreType: ["": Self.measurement("Zen", 100, 90, 60)])
    #expect(
      slow.warning(for: .bf16)
        == "bf16 is slower than fp32 on this processor: 60 GFLOP/s a thread, fp32 100 GFLOP/s")
    #expect(slow.warning(for: .fp32) == nil)
    let fast = MeasuredProducts(subject: "", byCoreType: ["": Self.measurement("Zen", 100, 90, 190)])
    #expect(fast.warning(for: .bf16) == nil)
  }

  @Test(
    arguments: [
      (measurement("Prescott", 60), [measurement("SkylakeX", 280)], "slow"),
      (measurement("SkylakeX", 280), [measurement("Haswell", 130)], nil),
      (measurement("SkylakeX", 92), [measurement("Haswell", 96)], nil),
      (measurement("SkylakeX", 92), [measurement("Haswell", error: 1, 196)], "wrong"),
      (measurement("SkylakeX", error: 1, 92), [measurement("Haswell", 96)], "reinstall"),
    ] as [(ProductMeasurement, [ProductMeasurement], String?)])
  func `are a finding`(used: ProductMeasurement, others: [ProductMeasurement], word: String?) {
    let finding = kernelsFinding(used, others: others)
    for known in ["slow", "wrong", "reinstall"] {
      #expect(finding.detail.contains(known) == (known == word), "\(finding)")
    }
    #expect(finding.isFine == used.isRight)
    #expect(finding.detail.contains("GFLOP/s a thread"))
  }
}
