#!/usr/bin/env bash
# Installs what deps/package-lock.json names into build/npm, unless that is what is there. With --production without the
# packages of the tests.
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder="$checkout/build/npm"
mark=$(sha256sum "$checkout/deps/package-lock.json" | cut -c1-64)
if [ "$(cat "$folder/.installed" 2>/dev/null)" != "$mark" ]; then
    mkdir -p "$folder"
    exec {lock}>"$folder/.lock"
    flock "$lock"
    cp "$checkout/deps/package.json" "$checkout/deps/package-lock.json" "$folder"
    npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error ${1:+--omit=dev} >&2
    printf '%s\n' "$mark" >"$folder/.installed"
fi
