#!/bin/bash
# An atlas in 8 shards by Slurm, written by headatlas 0.1.0. Look it over, then: bash THIS-FILE
# It may be run again: what is finished is not computed again.
set -euo pipefail
cd '/data/my atlas'
mkdir -p shards/logs

submit() { sbatch --parsable --partition=long '--account=it'\''s' "$@" | cut -d ';' -f 1; }

# Freezes the image set: all shards are of the same images.
manifest=$(submit --job-name=headatlas-manifest --cpus-per-task=4 --time=20 --mem=500M \
  --output=shards/logs/manifest-%j.log <<'JOB'
#!/bin/bash
exec headatlas features --config atlas.yml --output shards --manifest
JOB
)

# The shards of ViT-B-32. Two minutes before its time is up a task is told so; it keeps what it has and is put into the queue again.
shards_1=$(submit --job-name=headatlas-ViT-B-32 --dependency=afterok:"$manifest" --kill-on-invalid-dep=yes --array=0-7 \
  --cpus-per-task=4 --time=90 --mem=1700M --signal=B:USR1@120 --requeue --open-mode=append \
  --output=shards/logs/ViT-B-32-%A_%a.log <<'JOB'
#!/bin/bash
# Slurm tells this shell, which hands it on; a signal ends the wait and not the work.
trap 'asked=1; kill -USR1 $work' USR1 TERM
headatlas features --output shards --model ViT-B-32 --shard auto/8 &
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

# The shards of ViT-L-14. Two minutes before its time is up a task is told so; it keeps what it has and is put into the queue again.
shards_2=$(submit --job-name=headatlas-ViT-L-14 --dependency=afterok:"$manifest" --kill-on-invalid-dep=yes --array=0-7 \
  --cpus-per-task=4 --time=600 --mem=4200M --signal=B:USR1@120 --requeue --open-mode=append \
  --output=shards/logs/ViT-L-14-%A_%a.log <<'JOB'
#!/bin/bash
# Slurm tells this shell, which hands it on; a signal ends the wait and not the work.
trap 'asked=1; kill -USR1 $work' USR1 TERM
headatlas features --output shards --model ViT-L-14 --shard auto/8 &
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

# Puts the shards into the atlas's cache; it does not run where a shard has failed.
merge=$(submit --job-name=headatlas-merge --dependency=afterok:"$shards_1":"$shards_2" --kill-on-invalid-dep=yes --cpus-per-task=1 --time=60 --mem=1000M \
  --output=shards/logs/merge-%j.log <<'JOB'
#!/bin/bash
exec headatlas merge shards --config atlas.yml
JOB
)

# Builds the site from the cache.
build=$(submit --job-name=headatlas-build --dependency=afterok:"$merge" --kill-on-invalid-dep=yes --cpus-per-task=4 --time=45 --mem=3000M \
  --output=shards/logs/build-%j.log <<'JOB'
#!/bin/bash
exec headatlas build --config atlas.yml --output 'it'\''s here'
JOB
)

echo "manifest $manifest, shards $shards_1 $shards_2, merge $merge, build $build; logs are in "shards/logs
