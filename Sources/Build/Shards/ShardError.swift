import Diagnostics

/// What is wrong with a manifest, with shards or between them, in facts; `description` words each on one line.
package enum ShardError: Error, Equatable, CustomStringConvertible {
  /// A shard is to be computed of an image set that is not frozen.
  case noManifest(path: String)
  case manifest(path: String, line: Int, expected: String)
  /// A manifest, shard or file of another version of the program than this.
  case version(path: String, found: String)
  /// The description that was named is not the one that the manifest was made from.
  case otherAtlas(path: String, atlas: String, named: String)
  case noModel(String, manifest: String, models: [String])
  case changedImage(path: String)
  /// A folder in the place of a shard that is none.
  case noShard(path: String)
  /// Two shards, or a shard and what is asked for, that do not belong together.
  case mixed(first: String, second: String, what: String, values: [String])
  /// A folder with shards of different divisions.
  case mixedCounts(folder: String, counts: [Int])
  case noShards(folder: String)
  case missing(folder: String, shards: [Int], count: Int)
  case damaged(path: String)
  case severalModels(manifest: String, models: [String])

  package var description: String {
    switch self {
    case .noManifest(let path):
      "\(path): no such file; freeze the image set first: headatlas features --config FILE --output FOLDER --manifest"
    case .manifest(let path, let line, let expected):
      "\(path):\(line): expected \(expected); the manifest is damaged: remove it and write it again"
    case .version(let path, let found):
      "\(path): written by headatlas \(found), this is \(headatlasVersion); use one version for all shards"
    case .otherAtlas(let path, let atlas, let named):
      "\(path): the manifest is of \(atlas), not of \(named); choose another --output, or leave --config out"
    case .noModel(let name, let manifest, let models):
      "no model \(quoted(name)) in \(manifest)"
        + (nearestName(to: name, in: models).map { ", did you mean \($0)?" }
          ?? ", which has \(models.joined(separator: ", "))")
    case .changedImage(let path):
      "\(path): not the image that the manifest has; put it back, or remove the manifest and all shards and begin again"
    case .noShard(let path): "\(path): no finished shard, and something is in its place; remove it"
    case .mixed(let first, let second, let what, let values):
      "\(second): \(what) is \(values.last.map(oneLine) ?? ""), but \(values.first.map(oneLine) ?? "") in \(first); "
        + Self.advice(what)
    case .mixedCounts(let folder, let counts):
      "\(folder): shards of \(counts.map(String.init).joined(separator: " and of ")) shards in all; "
        + "remove those of one division"
    case .noShards(let folder):
      "\(folder): no finished shard; compute them first: headatlas features --output FOLDER --shard 0/8, and so on to 7/8"
    case .missing(let folder, let shards, let count):
      "\(folder): shards \(arrayList(shards)) of \(count) are missing; run them again: in Slurm, --array=\(arrayList(shards)) "
        + "with --shard auto/\(count)"
    case .damaged(let path): "\(path): not the file that was written; remove the shard's folder and compute it again"
    case .severalModels(let manifest, let models):
      "\(manifest) has \(models.count) models and --moments takes one; choose it by --model: \(models.joined(separator: ", "))"
    }
  }

  private static func advice(_ what: String) -> String {
    what == ShardIdentity.engineName
      ? "set OPENBLAS_CORETYPE to the same value for all, and compute one of them again"
      : "remove one of them and compute it again"
  }
}

/// Numbers as schedulers take them for an array, `3,7-9`; ascending, each once.
package func arrayList(_ numbers: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for number in Set(numbers).sorted() {
    if let last = runs.last, last.upperBound == number - 1 {
      runs[runs.count - 1] = last.lowerBound...number
    } else {
      runs.append(number...number)
    }
  }
  return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
}
