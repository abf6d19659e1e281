import Analysis
import CLIP
import Diagnostics
import Foundation
import LinearAlgebra
import Parallel
import Tensors

/// One thing that `headatlas doctor` looked at.
package struct Finding: Sendable, Codable, Equatable {
  package let subject: String
  package let isFine: Bool
  /// What was found, and what to do where it is not fine.
  package let detail: String
}

/// Looks at everything that a build needs: templates, configuration, models, output and cache.
package func diagnose(
  configuration file: String, output: String, plugins: [any AnalysisPlugin]
) -> [Finding] {
  var findings = [
    Finding(
      subject: "processor", isFine: true,
      detail:
        "\(processorCount) cores, \(ProcessInfo.processInfo.physicalMemory >> 30) GB of memory"
    ),
    finding("templates") { try templatesFolder() },
    finding("linear algebra") {
      let worst = checkLinearAlgebra()
      guard worst < 1e-5 else {
        throw BuildError.usage("a matrix product is off by \(worst); reinstall libopenblas")
      }
      return
        "\(ProductEngine.openBLAS) multiplies to \(scientific(Double(worst))), by its kernels for \(ProductEngine.openBLASKernels)"
    },
    Finding(
      subject: "towers", isFine: true,
      detail: "\(ProductEngine.name), "
        + (ProductEngine.missing(for: .bf16).map { "fp32 only; bf16 needs \($0)" } ?? "fp32 and bf16")),
  ]
  findings.append(
    finding("configuration") {
      let plan = try planAtlas(configuration: file, plugins: plugins)
      return "\(file), \(plan.pages) pages"
    })
  if let configuration = try? AtlasConfiguration(file: file, plugins: plugins) {
    findings += configuration.models.map { entry in
      finding("model \(entry.id)") {
        let model = try verifyModel(entry.model)
        guard model.passed else { throw BuildError.usage("the ledger misses by \(model.ledgerResidual)") }
        return "\(model.tensors) tensors, ledger \(scientific(model.ledgerResidual))"
      }
    }
    let (files, bytes) = FeatureCache(folder: configuration.cacheFolder).size()
    findings.append(Finding(subject: "cache", isFine: true, detail: "\(files) files, \(bytes >> 10) KB"))
  }
  findings.append(
    finding("output") {
      _ = try StagedFolder(target: output, keepsOld: false)
      return "\(output) can be written"
    })
  return findings
}

private func finding(_ subject: String, _ look: () throws -> String) -> Finding {
  do {
    return Finding(subject: subject, isFine: true, detail: try look())
  } catch {
    return Finding(subject: subject, isFine: false, detail: "\(error)")
  }
}

/// How far a product with a known answer is off.
private func checkLinearAlgebra() -> Float {
  let size = 64
  let a = Tensor(shape: [size, size], values: (0..<size * size).map { Float($0 % 7) - 3 })
  let b = Tensor(shape: [size, size], values: (0..<size * size).map { Float($0 % 5) - 2 })
  let found = product(a, b)
  var worst: Float = 0
  for row in 0..<size {
    for column in 0..<size {
      let expected = (0..<size).reduce(Float(0)) { $0 + a.values[row * size + $1] * b.values[$1 * size + column] }
      worst = max(worst, abs(expected - found.values[row * size + column]))
    }
  }
  return worst
}
