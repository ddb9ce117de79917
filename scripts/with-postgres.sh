#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs a command beside a throw-away PostgreSQL of its own, whose address is in
# QIHANG_TEST_POSTGRES. The cluster lives in a temporary folder, on a free port, and ends with the command.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

debian postgresql
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)

# PostgreSQL refuses to run as root: then it is the user `postgres` of Debian's package.
as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

cluster=$(cd /tmp && as_owner mktemp -d /tmp/qihang-postgres.XXXXXX)

stop() {
  # shellcheck disable=SC2317 # called by the trap
  as_owner "$bin/pg_ctl" stop -D "$cluster/data" -m immediate -w >/dev/null 2>&1 || true
  # shellcheck disable=SC2317
  rm -rf "$cluster"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd /tmp
as_owner "$bin/initdb" -D "$cluster/data" -U qihang -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null

# A port that is free now may be taken a moment later by somebody else: then another one is tried.
for attempt in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  # Nothing here outlives the run, so nothing needs to reach the disk.
  as_owner "$bin/pg_ctl" start -D "$cluster/data" -w -t 60 -l "$cluster/log" -o \
    "-p $port -k $cluster -h 127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" \
    >/dev/null 2>&1 && break
  [ "$attempt" != 5 ] || { cat "$cluster/log" >&2; fail "PostgreSQL 无法启动" "PostgreSQL does not start"; }
done
cd "$OLDPWD"

export QIHANG_TEST_POSTGRES="postgres://qihang@127.0.0.1:$port"
echo "    PostgreSQL $(as_owner "$bin/postgres" --version | grep -o '[0-9.]*' | head -n 1) · 127.0.0.1:$port"
"$@"
