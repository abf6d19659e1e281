import Files

extension ClusterJob {
  /// A script that submits all steps to Slurm, each after those before it.
  package var slurmScript: String {
    let logs = "\(output)/logs"
    let steps = [
      """
      #!/bin/bash
      # An atlas in \(shards) shards by Slurm, written by headatlas \(headatlasVersion). Look it over, then: bash THIS-FILE
      # It may be run again: what is finished is not computed again.
      set -euo pipefail
      cd \(shellWord(folder))
      mkdir -p \(shellWord(logs))

      submit() { sbatch --parsable\(options.map { " " + shellWord($0) }.joined()) "$@" | cut -d ';' -f 1; }
      """,
      step(
        "manifest", "Freezes the image set: all shards are of the same images.", manifest, cpus: cpus, after: [],
        log: "manifest-%j",
        "exec headatlas features --config \(shellWord(configuration)) --output \(shellWord(output)) --manifest"),
    ]
    let arrays = models.enumerated().map { index, model in array(model, "shards_\(index + 1)") }
    let names = models.indices.map { "shards_\($0 + 1)" }
    let last = [
      step(
        "merge", "Puts the shards into the atlas's cache; it does not run where a shard has failed.",
        Resources(minutes: 60, memory: 1000), cpus: 1, after: names, log: "merge-%j",
        "exec headatlas merge \(shellWord(output)) --config \(shellWord(configuration))"),
      step(
        "build", "Builds the site from the cache.", build, cpus: cpus, after: ["merge"], log: "build-%j",
        "exec headatlas build --config \(shellWord(configuration)) --output \(shellWord(site))"),
      """
      echo "manifest $manifest, shards \(names.map { "$" + $0 }.joined(separator: " ")), merge $merge, build $build; logs are in "\(shellWord(logs))
      """,
    ]
    return (steps + arrays + last).joined(separator: "\n\n") + "\n"
  }

  private func step(
    _ name: String, _ comment: String, _ resources: Resources, cpus: Int, after names: [String], log: String,
    _ command: String
  ) -> String {
    """
    # \(comment)
    \(name)=$(submit --job-name=headatlas-\(name)\(dependency(names)) \(limits(resources, cpus: cpus)) \\
      --output=\(shellWord("\(output)/logs/\(log).log")) <<'JOB'
    #!/bin/bash
    \(command)
    JOB
    )
    """
  }

  private func array(_ model: Model, _ name: String) -> String {
    let log = shellWord("\(output)/logs/\(model.id)-%A_%a.log")
    return """
      # The shards of \(model.id). Two minutes before its time is up a task is told so; it keeps what it has and is put into the queue again.
      \(name)=$(submit --job-name=headatlas-\(shellWord(model.id))\(dependency(["manifest"])) --array=0-\(shards - 1) \\
        \(limits(model.resources, cpus: cpus)) --signal=B:USR1@120 --requeue --open-mode=append \\
        --output=\(log) <<'JOB'
      #!/bin/bash
      # Slurm tells this shell, which hands it on; a signal ends the wait and not the work.
      trap 'asked=1; kill -USR1 $work' USR1 TERM
      headatlas features --output \(shellWord(output)) --model \(shellWord(model.id)) --shard auto/\(shards) &
      work=$!
      while :; do
        asked=
        wait "$work"; status=$?
        [ -n "$asked" ] || break
      done
      if [ "$status" -eq 75 ] && scontrol requeue "$SLURM_JOB_ID"; then exit 0; fi
      exit "$status"
      JOB
      )
      """
  }

  private func dependency(_ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return " --dependency=afterok:" + names.map { "\"$\($0)\"" }.joined(separator: ":") + " --kill-on-invalid-dep=yes"
  }

  private func limits(_ resources: Resources, cpus: Int) -> String {
    "--cpus-per-task=\(cpus) --time=\(resources.minutes) --mem=\(resources.memory)M"
  }
}
