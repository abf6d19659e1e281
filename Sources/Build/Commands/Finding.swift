import Analysis
import CLIP
import Diagnostics
import Foundation
import Parallel

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
  ]
  findings += productFindings()
  do {
    findings += atlasFindings(try AtlasConfiguration(file: file, plugins: plugins))
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
private func atlasFindings(_ configuration: AtlasConfiguration) -> [Finding] {
  let pages = configuration.pagePaths().count
  let (files, bytes) = FeatureCache(folder: configuration.cacheFolder).size()
  return [Finding(subject: "configuration", isFine: true, detail: "\(configuration.file), \(pages) pages")]
    + imageFindings(configuration) + configuration.models.map(modelFinding)
    + [Finding(subject: "cache", isFine: true, detail: "\(files) files, \(bytes >> 10) KB")]
}

/// Of the images, all of which are decoded but for those that could be before.
private func imageFindings(_ configuration: AtlasConfiguration) -> [Finding] {
  let sets = [("gallery", configuration.gallery), ("probe set", configuration.probe)]
  let remarks =
    sets.map { Finding(subject: $0, isFine: true, detail: $1.summary) }
    + configuration.imageRemarks.map { Finding(subject: "images", isFine: true, detail: $0) }
  do {
    var check = ImageCheck(cacheFolder: configuration.cacheFolder)
    let found = try configuration.imageFailures(
      &check, threads: CLIPModel.threads(asked: nil), progress: SilentProgress())
    check.remember()
    let failures = found.gallery + found.probe
    let (unreadable, reasons) = (failures.unreadable, UnreadableReason.list(failures))
    let count = configuration.gallery.images.count + configuration.probe.images.count
    let isSkipped = configuration.unreadable == .skip
    let detail =
      failures.isEmpty
      ? "\(counted(count, "image")) can be read"
      : "\(unreadable.masks == 0 ? "\(unreadable.images)" : "\(unreadable)") of \(counted(count, "image")) cannot be "
        + "\(unreadable.verb)\(reasons.isEmpty ? "" : " (\(reasons))"); "
        + (isSkipped ? "they are left out (on_unreadable: skip)" : "replace them, or write on_unreadable: skip")
    return remarks
      + failures.prefix(UnreadableCount.mostNamed).map {
        Finding(subject: $0.object == nil ? "image" : "mask", isFine: isSkipped, detail: $0.words)
      } + [Finding(subject: "images", isFine: isSkipped || failures.isEmpty, detail: detail)]
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

private func finding(_ subject: String, _ look: () throws -> String) -> Finding {
  do {
    return Finding(subject: subject, isFine: true, detail: try look())
  } catch {
    return Finding(subject: subject, isFine: false, detail: "\(error)")
  }
}
