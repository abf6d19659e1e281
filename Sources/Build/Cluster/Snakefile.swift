import Files

extension ClusterJob {
  /// The same steps as a workflow of Snakemake.
  package var snakefile: String {
    let ids = models.map { pythonText($0.id) }.joined(separator: ", ")
    let minutes = models.map { "\(pythonText($0.id)): \($0.resources.minutes)" }.joined(separator: ", ")
    let memory = models.map { "\(pythonText($0.id)): \($0.resources.memory)" }.joined(separator: ", ")
    return """
      # An atlas in \(shards) shards, written by headatlas \(headatlasVersion). Save it as Snakefile in \(folder), then: snakemake --cores \(cpus)
      # What is stopped or fails goes on where it was when snakemake is run again.
      CONFIG = \(pythonText(configuration))
      OUTPUT = \(pythonText(output))
      SITE = \(pythonText(site))
      MODELS = [\(ids)]
      SHARDS = range(\(shards))
      MINUTES = {\(minutes)}
      MEMORY = {\(memory)}

      wildcard_constraints:
          shard=r"\\d+",

      rule build:
          input: OUTPUT + "/steps/merge.json"
          output: OUTPUT + "/steps/build.json"
          threads: \(cpus)
          resources: mem_mb=\(build.memory), runtime=\(build.minutes)
          shell: "headatlas build --config {CONFIG:q} --output {SITE:q} --jobs {threads} --json > {output:q}"

      rule manifest:
          output: OUTPUT + "/steps/manifest.json"
          threads: \(cpus)
          resources: mem_mb=\(manifest.memory), runtime=\(manifest.minutes)
          shell: "headatlas features --config {CONFIG:q} --output {OUTPUT:q} --manifest --jobs {threads} > {output:q}"

      rule shard:
          input: OUTPUT + "/steps/manifest.json"
          output: OUTPUT + "/steps/{model}.{shard}.json"
          threads: \(cpus)
          retries: 3
          resources:
              mem_mb=lambda wildcards: MEMORY[wildcards.model],
              runtime=lambda wildcards: MINUTES[wildcards.model],
          shell: "headatlas features --output {OUTPUT:q} --model {wildcards.model:q} --shard {wildcards.shard}/\(shards) --jobs {threads} > {output:q}"

      rule merge:
          input: expand(OUTPUT + "/steps/{model}.{shard}.json", model=MODELS, shard=SHARDS)
          output: OUTPUT + "/steps/merge.json"
          resources: mem_mb=1000, runtime=60
          shell: "headatlas merge {OUTPUT:q} --config {CONFIG:q} > {output:q}"

      """
  }

  /// JSON's texts are Python's too.
  private func pythonText(_ text: String) -> String { (try? jsonText(text, isPretty: false)) ?? "\"\"" }
}
