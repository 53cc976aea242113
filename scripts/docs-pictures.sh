#!/usr/bin/env bash
# Takes the pictures of the documentation from a running demonstration: every kind of page, on a desktop and on a phone.
# Usage: scripts/docs-pictures.sh PROGRAM [FOLDER]   (FOLDER is docs/pictures)
set -euo pipefail
cd "$(dirname "$0")/.."
program="$1"
folder="${2:-docs/pictures}"
scratch="$(mktemp -d)"
server=""
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT

"$program" demo --data "$scratch/data" --listen 127.0.0.1:0 >"$scratch/says" 2>"$scratch/log" &
server=$!
echo "filling the demonstration"
for _ in $(seq 900); do
  [ -e "$scratch/data/demo/complete" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$scratch/log"; echo "the server did not stay"; exit 1; }
  sleep 1
done
[ -e "$scratch/data/demo/complete" ] || { tail -n 40 "$scratch/log"; echo "the demonstration was not filled within 15 minutes"; exit 1; }
export SCIENCE3D_URL="$(sed -n 's/^Science 3D listens on //p' "$scratch/says")"
export SCIENCE3D_SIGN_IN="$(sed -n 's/^One-time link for the administrator: //p' "$scratch/says")"
# Volumes and pictures are made after the last upload. What is put off until a time of its own is not waited for.
for _ in $(seq 300); do
  [ "$("$program" admin jobs list --data "$scratch/data" 2>/dev/null | grep -Evc 'sweep|waits until')" = 0 ] && break
  sleep 1
done
mkdir -p "$folder"
node e2e/docs_pictures.mjs "$folder"
