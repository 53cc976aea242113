#!/usr/bin/env bash
# Installs what a target of the Makefile needs, and only what is missing, so that a second run costs nothing.
# Usage: scripts/setup.sh [build] [frontend] [test] [bench]   or   scripts/setup.sh venv  (prints where the Python judges live)
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/science3d"
venv="$cache/venv"

say() { echo "set-up: $*" >&2; }

# install_packages COMMAND=PACKAGE…: asks Debian for the packages whose command is not there.
install_packages() {
  local missing=() pair
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null 2>&1 || [ -e "${pair%%=*}" ] || missing+=("${pair#*=}")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local root=()
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      say "missing: ${missing[*]}; install them with: sudo apt-get install ${missing[*]}"
      return 0
    fi
    root=(sudo -n)
  fi
  say "installing ${missing[*]}"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
    say "some of ${missing[*]} could not be installed; what needs them will be skipped by name"
}

need() {
  command -v "$1" >/dev/null 2>&1 || { say "$1 is missing: $2"; exit 1; }
}

set_up_build() {
  need cargo "install Rust 1.92 or newer, https://rustup.rs"
  install_packages cc=gcc make=make mold=mold
}

set_up_frontend() {
  need npm "install Node 20 or newer, https://nodejs.org"
  (
    cd frontend
    if [ ! -e node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then
      say "npm ci"
      npm ci --no-audit --no-fund --loglevel=error >&2
      touch node_modules/.installed
    fi
    if [ ! -e dist/manifest.json ] || [ -n "$(find src scripts vendor vite.config.ts package-lock.json -newer dist/manifest.json -print -quit)" ]; then
      say "building the front end"
      npm run --silent build >&2
    fi
  )
}

set_up_test() {
  install_packages chromium=chromium /usr/lib/postgresql=postgresql xmllint=libxml2-utils python3=python3 /usr/share/doc/python3-venv=python3-venv unzip=unzip curl=curl ffmpeg=ffmpeg
  install_judges
}

# The Python programs that judge our output; kept outside the clone so that a new clone finds them.
install_judges() {
  if [ -e "$venv/.requirements" ] && cmp -s scripts/judges.txt "$venv/.requirements"; then return 0; fi
  say "installing the Python judges into $venv"
  mkdir -p "$cache"
  if python3 -m venv "$venv" >&2 && "$venv/bin/pip" install --quiet -r scripts/judges.txt >&2; then
    cp scripts/judges.txt "$venv/.requirements"
  else
    say "the Python judges could not be installed; the tests that need them will be skipped by name"
  fi
}

set_up_bench() {
  install_packages wrk=wrk /usr/sbin/nginx=nginx /usr/lib/postgresql=postgresql python3=python3 /usr/share/doc/python3-venv=python3-venv
}

for part in "$@"; do
  case "$part" in
    build) set_up_build ;;
    frontend) set_up_frontend ;;
    test) set_up_test ;;
    bench) set_up_bench ;;
    venv) echo "$venv" ;;
    *) say "unknown part “$part”; known are build, frontend, test, bench, venv"; exit 2 ;;
  esac
done
