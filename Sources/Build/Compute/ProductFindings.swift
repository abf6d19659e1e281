import Diagnostics
import LinearAlgebra

/// What multiplies here, how right and how fast, and whether something better is at hand.
func productFindings() -> [Finding] {
  do {
    _ = try chooseProducts(for: ComputeOptions())
  } catch {
    return [Finding(subject: "linear algebra", isFine: false, detail: "\(error)")]
  }
  let kernels = OpenBLAS.kernels
  let others = KernelSet.alternatives(to: kernels).map(\.coreType)
  let measured = measureInChildren([""] + others)
  guard let used = measured[""] else {
    let detail = "\(OpenBLAS.name), by its kernels for \(kernels), cannot multiply here; reinstall libopenblas0"
    return [Finding(subject: "linear algebra", isFine: false, detail: detail)]
  }
  return [
    kernelsFinding(used, others: measured.filter { !$0.key.isEmpty }.values.sorted { $0.kernels < $1.kernels }),
    towersFinding(used),
  ]
}

/// How right and fast OpenBLAS's products are by the kernels in use, beside the same with `others`.
package func kernelsFinding(_ used: ProductMeasurement, others: [ProductMeasurement]) -> Finding {
  func speed(_ measured: ProductMeasurement) -> Double { measured.speed(.openBLAS) ?? 0 }
  var detail =
    "\(OpenBLAS.name), by its kernels for \(used.kernels), is off by at most \(scientific(used.error)) of the terms"
    + (used.isRight ? "" : ", expected \(scientific(ProductMeasurement.allowedError)); reinstall libopenblas0")
    + "; \(gigaflops(speed(used))) a thread"
  for other in others where other.kernels != used.kernels {
    detail += ", for \(other.kernels) \(gigaflops(speed(other)))" + (other.isRight ? "" : ", and wrong")
  }
  let right = others.filter(\.isRight)
  // Measurements on a busy machine differ by some per cent.
  if let best = right.max(by: { speed($0) < speed($1) }), speed(best) > 1.15 * speed(used) {
    detail += "; slow: " + remedy(best.kernels, used: used.kernels)
  } else if let wider = KernelSet.better(than: used.kernels), right.isEmpty {
    detail += "; slow: " + remedy(wider.coreType, used: used.kernels)
  }
  return Finding(subject: "linear algebra", isFine: used.isRight, detail: detail)
}

private func remedy(_ better: String, used: String) -> String {
  KernelSet.asked == nil
    ? "set OPENBLAS_CORETYPE to \(better)" : "OPENBLAS_CORETYPE asks for \(used); unset it, or set it to \(better)"
}

/// What multiplies in the towers, by precision.
private func towersFinding(_ used: ProductMeasurement) -> Finding {
  let choice = ProductEngine.library(for: .float32)
  var parts = ["\(ProductEngine.name(of: choice)) in fp32"]
  for speed in used.speeds where ProductEngine.libraries.count > 1 {
    parts.append(
      "\(speed.precision) by \(ProductEngine.name(of: speed.library)) \(gigaflops(speed.gigaflops)) a thread")
  }
  parts.append(ProductEngine.missing(for: .bf16).map { "bf16 needs \($0)" } ?? "bf16 too")
  if let half = used.speed(.oneDNN, .bf16), half < used.fastest { parts.append("slow: bf16 is slower than fp32 here") }
  return Finding(subject: "towers", isFine: true, detail: parts.joined(separator: ", "))
}
