#!/usr/bin/env bash
# Runs the browser plays in e2e/plays, each against a fresh server of its own.
# Each play gets SCIENCE3D_URL (the server), SCIENCE3D_SIGN_IN (a link that signs the administrator in) and SCIENCE3D_SHARED.
# Usage: scripts/plays.sh PROGRAM [PLAY…]
set -euo pipefail
cd "$(dirname "$0")/.."
program="$1"
shift
shopt -s nullglob
plays=("$@")
[ ${#plays[@]} -gt 0 ] || plays=(e2e/plays/*.mjs)
if [ ${#plays[@]} -eq 0 ]; then echo "no plays in e2e/plays"; exit 0; fi
if ! command -v chromium >/dev/null 2>&1 && [ -z "${SCIENCE3D_CHROMIUM:-}" ]; then
  echo "skipped: the browser plays, because no chromium is installed"
  exit 0
fi

scratch=""
server=""
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  [ -z "$scratch" ] || rm -rf "$scratch"
  server=""
  scratch=""
}
trap finish EXIT

# A fresh server, because the administrator's link works once.
start_server() {
  scratch="$(mktemp -d)"
  # A play may stand in for Crossref on this port; nobody else is asked.
  SCIENCE3D_CROSSREF_PORT="$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')"
  export SCIENCE3D_CROSSREF_PORT SCIENCE3D_PUBLICATIONS_CROSSREF="http://127.0.0.1:$SCIENCE3D_CROSSREF_PORT" SCIENCE3D_PUBLICATIONS_DATACITE=""
  "$program" serve --data "$scratch/data" --listen 127.0.0.1:0 >"$scratch/says" 2>"$scratch/log" &
  server=$!
  for _ in $(seq 200); do
    grep -qs "^One-time" "$scratch/says" && break
    kill -0 "$server" 2>/dev/null || { cat "$scratch/log"; echo "the server did not start"; exit 1; }
    sleep 0.1
  done
  SCIENCE3D_URL="$(sed -n 's/^Science 3D listens on //p' "$scratch/says")"
  SCIENCE3D_SIGN_IN="$(sed -n 's/^One-time link for the administrator: //p' "$scratch/says")"
  export SCIENCE3D_URL SCIENCE3D_SIGN_IN
}

export SCIENCE3D_SHARED="${SCIENCE3D_SHARED:-$PWD/../shared}"
failed=0
for play in "${plays[@]}"; do
  echo "play: $play"
  start_server
  if ! timeout 600 node "$play"; then
    echo "FAILED: $play; the server's last words:"
    tail -n 40 "$scratch/log"
    failed=1
  fi
  finish
done
exit "$failed"
