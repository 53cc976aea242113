#!/usr/bin/env bash
# cargo, with the quick linker where there is one: .cargo/config.toml asks for mold, an empty RUSTFLAGS takes the wish back.
set -euo pipefail
command -v mold >/dev/null 2>&1 || export RUSTFLAGS="${RUSTFLAGS-}"
exec cargo "$@"
