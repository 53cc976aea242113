#!/usr/bin/env bash
# Builds the fuzzers with the stable compiler and runs each reader for so many seconds.
# Usage: fuzz/run.sh [--jobs N] SECONDS [READER…]      what it finds lies in fuzz/found, what it learned in fuzz/corpus
# With N jobs so many readers run at once, each of which may take 2 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=1
if [ "${1:-}" = --jobs ]; then
  jobs="$2"
  shift 2
fi
length="${1:-60}"
shift || true
readers=("$@")
# Readers of files, and readers of what other institutions and strangers say, which need the crates of the network.
files="$(sed -n 's/^    ("\([a-z0-9]*\)", ".*$/\1/p' fuzz/src/main.rs)"
answers="$(sed -n 's/^    ("\([a-z0-9]*\)", .*$/\1/p' fuzz/answers/src/main.rs)"
[ ${#readers[@]} -gt 0 ] || mapfile -t readers < <(printf '%s\n%s\n' "$files" "$answers")
program_of() { if grep -qx "$1" <<<"$answers"; then echo answers; else echo readers; fi; }
manifest_of() { if [ "$1" = answers ]; then echo fuzz/answers/Cargo.toml; else echo fuzz/Cargo.toml; fi; }

# A sanitizer would need the nightly compiler; coverage does not. The target is named so that build scripts stay as they are.
target="$(rustc -vV | sed -n 's/^host: //p')"
instrument=(
  -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=4 --cfg fuzzing
)
folder="${CARGO_TARGET_DIR:-$PWD/target}/fuzz"
for program in $(for reader in "${readers[@]}"; do program_of "$reader"; done | sort -u); do
  RUSTFLAGS="${instrument[*]}" CARGO_TARGET_DIR="$folder" cargo build --quiet --release --manifest-path "$(manifest_of "$program")" --target "$target"
done

# Files that are written thousands of times a second belong into memory.
memory=/tmp
[ -w /dev/shm ] && memory=/dev/shm
# One reader, and a line about it: how long it ran by the clock and by the processor, which differ where the machine is busy.
run() {
  local reader="$1" log="fuzz/found/$1.log" word=good began=$SECONDS
  mkdir -p "fuzz/corpus/$reader" "fuzz/found/$reader" "fuzz/seeds/$reader"
  FUZZ_READER="$reader" TMPDIR="$memory" "$folder/$target/release/$(program_of "$reader")" "fuzz/corpus/$reader" "fuzz/seeds/$reader" \
    -max_total_time="$length" -rss_limit_mb=2048 -timeout=20 -max_len=16384 -artifact_prefix="fuzz/found/$reader/" \
    -print_final_stats=1 >"$log" 2>&1 || word="FAILED, see $log"
  local processor count peak places
  processor="$(times | awk 'NR == 2 { split($0, part, /[ms ]+/); print int(60 * (part[1] + part[3]) + part[2] + part[4]) }')"
  count="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  peak="$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")"
  places="$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)"
  printf '%-12s %5s s (%5s of processor)  %9s executions  %6s places reached  %5s MB at most  %s\n' \
    "$reader" "$((SECONDS - began))" "$processor" "${count:-?}" "${places:-?}" "${peak:-?}" "$word"
  [ "$word" = good ]
}

failed=0
running=0
for reader in "${readers[@]}"; do
  if [ "$running" -ge "$jobs" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  run "$reader" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
