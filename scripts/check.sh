#!/usr/bin/env bash
# make check: format, lints, licences and origins. Warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

deny_version=0.20.2
deny=target/tools/bin/cargo-deny

# Compiling cargo-deny takes minutes, once; meanwhile the lints run.
if ! "$deny" --version 2>/dev/null | grep -q "$deny_version"; then
  mkdir -p target/tools
  cargo install cargo-deny --version "$deny_version" --locked --debug --no-default-features --quiet \
    --root target/tools >target/tools/cargo-deny.log 2>&1 &
  installing=$!
fi

step 4 "格式" "format"
cargo fmt --all --check

step 4 "脚本" "shell scripts"
debian shellcheck
shellcheck --external-sources scripts/*.sh .ci/run

step 4 "静态检查" "lints"
cargo clippy --locked --workspace --all-targets -- -D warnings

step 4 "许可证、来源与禁用的库" "licences, origins and bans"
if [ -n "${installing:-}" ]; then
  wait "$installing" || { cat target/tools/cargo-deny.log >&2; fail "无法安装 cargo-deny" "cargo-deny cannot be installed"; }
fi
"$deny" --locked --log-level error check licenses bans sources
scripts/advisories.sh --offline
