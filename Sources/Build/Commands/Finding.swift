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
    linearAlgebraFinding(),
    Finding(
      subject: "towers", isFine: true,
      detail: "\(ProductEngine.name), "
        + (ProductEngine.missing(for: .bf16).map { "fp32 only; bf16 needs \($0)" } ?? "fp32 and bf16")),
  ]
  do {
    findings += atlasFindings(try AtlasConfiguration(file: file, plugins: plugins), plugins)
  } catch let error as InputProblems {
    findings += error.problems.map { Finding(subject: "configuration", isFine: false, detail: "\($0)") }
  } catch {
    findings.append(Finding(subject: "configuration", isFine: false, detail: "\(error)"))
  }
  findings.append(
    finding("output") {
      _ = try StagedFolder(target: output, keepsOld: false)
      return "\(output) can be written"
    })
  return findings
}

/// Of the configuration, the models, and the cache.
private func atlasFindings(_ configuration: AtlasConfiguration, _ plugins: [any AnalysisPlugin]) -> [Finding] {
  let pages = configuration.pagePaths(plugins.map(\.manifest)).count
  let (files, bytes) = FeatureCache(folder: configuration.cacheFolder).size()
  return [Finding(subject: "configuration", isFine: true, detail: "\(configuration.file), \(pages) pages")]
    + imageFindings(configuration) + configuration.models.map(modelFinding)
    + [Finding(subject: "cache", isFine: true, detail: "\(files) files, \(bytes >> 10) KB")]
}

/// Of the images, all of which are decoded but for those that could be before.
private func imageFindings(_ configuration: AtlasConfiguration) -> [Finding] {
  let remarks = configuration.imageRemarks.map { Finding(subject: "images", isFine: true, detail: $0) }
  do {
    var check = ImageCheck(cacheFolder: configuration.cacheFolder)
    let found = try configuration.imageFailures(
      &check, threads: CLIPModel.threads(asked: nil), progress: SilentProgress())
    check.remember()
    let words = (found.gallery + found.probe).map(\.words)
    let count = configuration.gallery.images.count + configuration.probe.images.count
    let isSkipped = configuration.unreadable == .skip
    let detail =
      words.isEmpty
      ? "\(counted(count, "image")) can be read"
      : "\(words.count) of \(counted(count, "image")) cannot be read; "
        + (isSkipped ? "they are left out (on_unreadable: skip)" : "replace them, or write on_unreadable: skip")
    return remarks
      + words.prefix(AtlasConfiguration.mostNamed).map { Finding(subject: "image", isFine: isSkipped, detail: $0) }
      + [Finding(subject: "images", isFine: isSkipped || words.isEmpty, detail: detail)]
  } catch {
    return remarks + [Finding(subject: "images", isFine: false, detail: "\(error)")]
  }
}

private func modelFinding(_ entry: AtlasConfiguration.ModelEntry) -> Finding {
  let subject = "model \(entry.id)"
  do {
    let model = try verifyModel(entry.model)
    return Finding(
      subject: subject, isFine: model.passed,
      detail: "\(model.tensors) tensors, "
        + (model.passed ? "" : "whose pieces do not add up: ") + "ledger \(scientific(model.ledgerResidual))")
  } catch {
    return Finding(subject: subject, isFine: false, detail: "\(error)")
  }
}

private func linearAlgebraFinding() -> Finding {
  let worst = checkLinearAlgebra()
  let isFine = worst < 1e-5
  let kernels = ProductEngine.openBLASKernels
  // The program asks for better kernels itself, unless somebody has chosen them.
  let slow = KernelSet.better(than: kernels).map {
    "; slow: the processor has \($0.title), and OPENBLAS_CORETYPE asks for less; unset it, or set it to \($0.coreType)"
  }
  return Finding(
    subject: "linear algebra", isFine: isFine,
    detail: "\(ProductEngine.openBLAS), by its kernels for \(kernels), is off by at most "
      + scientific(Double(worst)) + (isFine ? "" : ", expected less than 1e-5; reinstall libopenblas") + (slow ?? ""))
}

private func finding(_ subject: String, _ look: () throws -> String) -> Finding {
  do {
    return Finding(subject: subject, isFine: true, detail: try look())
  } catch {
    return Finding(subject: subject, isFine: false, detail: "\(error)")
  }
}

/// The value of `OPENBLAS_CORETYPE` that asks for wider kernels than those that OpenBLAS chose; nil where there are none.
package func widerKernels() -> String? { KernelSet.better(than: ProductEngine.openBLASKernels)?.coreType }

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
