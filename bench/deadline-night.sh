#!/usr/bin/env bash
# bench/deadline-night.sh: the night before activation is due, on SQLite with one server and on PostgreSQL with two.
#
#   bench/deadline-night.sh [--students N] [--clients N] [--engines "sqlite postgres"] [--profile release|dev]
#
# Invents a university of N students, puts everybody expected on the roster, and lets them all activate (see
# crates/app/benches/deadline_night.rs). Afterwards what the database holds must be what was answered: none lost, none
# twice. Rewrites the table in docs/performance.md. PostgreSQL is a throw-away cluster with default settings.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

students=39000 clients=64 engines="sqlite postgres" profile=release
command="bench/deadline-night.sh $*"
while [ $# -gt 0 ]; do
  case $1 in
    --students) students=$2; shift 2 ;;
    --clients) clients=$2; shift 2 ;;
    --engines) engines=$2; shift 2 ;;
    --profile) profile=$2; shift 2 ;;
    *) fail "参数不认识：$1" "unknown argument $1" ;;
  esac
done
export QIHANG_TODAY=2026-09-30 QIHANG_LOG=error

debian curl sqlite3 postgresql
load_before=$(cut -d" " -f1 /proc/loadavg)
work=$(mktemp -d /tmp/qihang-night.XXXXXX)
servers=()
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop_servers() { for one in "${servers[@]}"; do kill "$one" 2>/dev/null || true; wait "$one" 2>/dev/null || true; done; servers=(); }
finish() {
  stop_servers
  [ -z "${cluster:-}" ] || { as_owner "$pg/pg_ctl" stop -D "$cluster/data" -m fast -w >/dev/null 2>&1 || true; rm -rf "$cluster"; }
  rm -rf "$work"
}
trap finish EXIT

sql() {
  case $engine in
    sqlite) sqlite3 "$work/night.sqlite" "PRAGMA busy_timeout=10000; $1" | tail -n +2 ;;
    postgres) psql -qAtX "$DATABASE_URL" -c "$1" ;;
  esac
}

step 3 "编译" "build"
make --silent assets
cargo bench --profile "$profile" --no-run --locked -p qihang-app --bench deadline_night
folder=target/${profile/dev/debug}
qihang=$PWD/$folder/qihang
crowd=$(find "$folder/deps" -name 'deadline_night-*' -perm -u+x -not -name '*.d' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)

if [[ $engines == *postgres* ]]; then
  pg=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
  cluster=$(cd /tmp && as_owner mktemp -d /tmp/qihang-night-pg.XXXXXX)
  (cd /tmp && as_owner "$pg/initdb" -D "$cluster/data" -U qihang -A trust -E UTF8 --locale=C.UTF-8 >/dev/null)
  port=$((20000 + RANDOM % 20000))
  (cd /tmp && as_owner "$pg/pg_ctl" start -D "$cluster/data" -w -l "$cluster/log" -o "-p $port -k $cluster -h 127.0.0.1" >/dev/null)
fi

# What the disk's own fsync allows, with a write of a page each time.
fsync_rate() {
  python3 - "$work/fsync" <<'PY'
import os, sys, time
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
begun, number = time.perf_counter(), 0
while time.perf_counter() - begun < 2:
    os.pwrite(file, b"x" * 4096, 4096 * number)
    os.fsync(file)
    number += 1
print(round(number / (time.perf_counter() - begun)))
PY
}

table=$work/table
for engine in $engines; do
  step 3 "$engine" "$students students"
  case $engine in
    sqlite) export DATABASE_URL=sqlite://$work/night.sqlite number=1 ;;
    postgres)
      export DATABASE_URL=postgres://qihang@127.0.0.1:$port/night number=2
      psql -qX "postgres://qihang@127.0.0.1:$port/postgres" -c "CREATE DATABASE night" ;;
  esac
  export QIHANG_DATA_DIR=$work/files
  "$qihang" migrate >/dev/null
  "$qihang" demo --students "$students" >/dev/null
  for code in $(sql "SELECT code FROM college ORDER BY code"); do
    "$qihang" roster confirm --class-year 2027 --college "$code" --expected >/dev/null || true
  done
  sql ANALYZE
  sql "SELECT student_no FROM student JOIN roster_entry ON roster_entry.student_id = student.id
    LEFT JOIN activation ON activation.entry_id = roster_entry.id
    WHERE roster_entry.class_year = 2027 AND roster_entry.state = 'open' AND activation.id IS NULL ORDER BY student_no" >"$work/students"
  before=$(sql "SELECT count(*) FROM activation")
  addresses=()
  for one in $(seq "$number"); do
    listen=127.0.0.1:$((40000 + RANDOM % 9000))
    "$qihang" serve --listen "$listen" 2>"$work/server-$one.log" &
    servers+=($!)
    addresses+=("http://$listen")
    until curl -sf -o /dev/null "http://$listen/readyz"; do kill -0 "${servers[-1]}" || { cat "$work/server-$one.log"; exit 1; }; sleep 0.05; done
  done
  "$crowd" --students "$work/students" --clients "$clients" "${addresses[@]}" | tee "$work/out"
  stop_servers
  answered=$(awk '$1 == "TOTAL" { sum += $3 } END { print sum }' "$work/out")
  there=$(($(sql "SELECT count(*) FROM activation") - before))
  [ "$answered" = "$there" ] || fail "应答激活 $answered 人，库中 $there 人" "$answered activations were answered, $there are there"
  "$qihang" verify >/dev/null || fail "qihang verify 发现问题" "qihang verify found something"
  awk -v engine="$engine" -v servers="$number" '
    $1 == "STEP" { printf "| %s，%s | %s，%s 台服务器 | %s 次 | p50 %s ms，p99 %s ms，最长 %s ms |\n", $2, $3, engine, servers, $4, $5, $6, $7 }
    $1 == "TOTAL" { printf "| %s，合计 | %s，%s 台服务器 | 激活 %s 人，因数据有误未激活 %s 人 | **每秒激活 %s 人** |\n", $2, engine, servers, $3, $4, $5 }' "$work/out" >>"$table"
done

report=docs/performance.md
{
  sed '/<!-- night:begin -->/q' "$report"
  printf '\n测于 %s，`%s`，%s 核 %s；%s 个学生同时操作；磁盘本身每秒 fsync %s 次；开始时机器的平均负载 %s。\n' "$(date +%F)" "$command" "$(nproc)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$clients" "$(fsync_rate)" "$load_before"
  printf '负载程序与服务器、数据库在同一台机器上争用处理器。应答的激活数与库中的激活数相等，`qihang verify` 无异常。\n\n'
  printf '| 内容 | 环境 | 数量 | 结果 |\n|---|---|---|---|\n'
  cat "$table"
  printf '\n'
  sed -n '/<!-- night:end -->/,$p' "$report"
} >"$work/report.md"
cp "$work/report.md" "$report"
