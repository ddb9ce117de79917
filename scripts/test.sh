#!/usr/bin/env bash
# make test: everything that CI runs. A part that fails, skips a test or runs none fails the whole.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# counted COMMAND…: runs tests, and believes only what the runner says at its end.
counted() {
  "$@" 2>&1 | tee "$log" || fail "测试未通过：$*" "tests failed"
  # cargo: “test result: ok. 12 passed; 0 failed; 0 ignored; …”, a line a binary; node: “ℹ pass 12”, “ℹ skipped 0”.
  read -r passed left_out < <(awk '
    /^test result:/                { passed += $4; left_out += $8 }
    /^ℹ pass /                     { passed += $3 }
    /^ℹ (cancelled|skipped|todo) / { left_out += $3 }
    END                            { print passed + 0, left_out + 0 }' "$log")
  [ "$left_out" = 0 ] || fail "跳过了 $left_out 个测试：$*" "$left_out tests were left out"
  [ "$passed" -gt 0 ] || fail "一个测试也没有运行：$*" "no test ran"
  summary+=("$(printf '%5d  %s' "$passed" "$part")")
}

summary=()
# One database a test, made for it: whatever the caller's environment names is not touched.
unset DATABASE_URL QIHANG_TEST_POSTGRES

step 5 "软件包与网页资源" "packages and web assets"
debian chromium fonts-noto-cjk poppler-utils postgresql python3-venv shellcheck zbar-tools
make --silent assets e2e-tools sso-tools

step 5 "检查" "checks"
scripts/check.sh

part="单元测试与集成测试，SQLite · unit and integration tests on SQLite"
step 5 "${part% · *}" "${part#* · }"
counted cargo test --locked --workspace

part="集成测试，PostgreSQL · integration tests on PostgreSQL"
step 5 "${part% · *}" "${part#* · }"
counted scripts/with-postgres.sh cargo test --locked --workspace --test it

part="浏览器测试，Chromium · browser tests in Chromium"
step 5 "${part% · *}" "${part#* · }"
counted scripts/with-postgres.sh node e2e/run.mjs

printf '\n✓ %02d:%02d  全部通过 · all passed\n' $((SECONDS / 60)) $((SECONDS % 60))
printf '%s\n' "${summary[@]}"
