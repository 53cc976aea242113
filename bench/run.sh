#!/usr/bin/env bash
# Measures the program against its peers on this machine and prints one Markdown table of ratios; README.md says how.
# Usage: bench/run.sh PROGRAM [ROW…]     BENCH_QUICK=1 for smaller sizes, BENCH_ROUNDS=N for more rounds
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: bench/run.sh PROGRAM [ROW…]" >&2; exit 2; }
program="$(realpath "$1")"
shift
cd "$(dirname "$0")"
[ -x "$program" ] || { echo "bench: $program is not there; build it with: make build" >&2; exit 1; }

peers="${XDG_CACHE_HOME:-$HOME/.cache}/science3d/bench"
say() { echo "bench: $*" >&2; }

# Peers from PyPI and npm, installed once and again when their list changes.
install_peers() {
  mkdir -p "$peers"
  if ! cmp -s peers.txt "$peers/python/.requirements"; then
    say "installing zipstream-ng, a PostgreSQL client and converters into $peers/python"
    python3 -m venv "$peers/python" >&2
    "$peers/python/bin/pip" install --quiet --disable-pip-version-check -r peers.txt >&2
    cp peers.txt "$peers/python/.requirements"
  fi
  if ! cmp -s peers.package.json "$peers/node/package.json"; then
    say "installing @tus/server into $peers/node"
    mkdir -p "$peers/node"
    cp peers.package.json "$peers/node/package.json.new"
    (cd "$peers/node" && cp package.json.new package.json && npm install --no-audit --no-fund --loglevel=error >&2) ||
      { rm -f "$peers/node/package.json"; say "@tus/server could not be installed; its row is skipped by name"; }
  fi
}

install_peers
export BENCH_PEERS="$peers" PYTHONDONTWRITEBYTECODE=1
exec "$peers/python/bin/python" measure.py "$program" "$@"
