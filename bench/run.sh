#!/usr/bin/env bash
# bench/run.sh: measures what docs/performance.md reports, on SQLite and on PostgreSQL, and rewrites the table there.
#
#   bench/run.sh [--data FOLDER] [--students N] [--large N] [--engines "sqlite postgres"] [--seconds N] [--keep]
#
# Without --data the students are invented. FOLDER holds units.csv, majors.csv, students.csv and officers.csv; its class
# year is --year. --large 390000 measures lists and findings of a larger university, too. PostgreSQL is a throw-away cluster
# with default settings, so that what it answers is on the disk. Takes some minutes after the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

students=39000 large=0 engines="sqlite postgres" data='' year=2027 keep='' seconds=5 profile=release
command="bench/run.sh $*"
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=$(realpath "$2"); command=${command/"$2"/…/$(basename "$2")}; shift 2 ;;
    --students) students=$2; shift 2 ;;
    --large) large=$2; shift 2 ;;
    --engines) engines=$2; shift 2 ;;
    --year) year=$2; shift 2 ;;
    --keep) keep=yes; shift ;;
    --seconds) seconds=$2; shift 2 ;;
    --profile) profile=$2; shift 2 ;; # dev, to try the script itself
    *) fail "参数不认识：$1" "unknown argument $1" ;;
  esac
done
# The class year is the current one all the while, whatever day it is.
export QIHANG_TODAY=$((year - 1))-11-20 QIHANG_LOG=warn

debian wrk curl sqlite3 postgresql unzip
load_before=$(cut -d" " -f1 /proc/loadavg)
work=$(mktemp -d /tmp/qihang-bench.XXXXXX)
results=$work/results
server=''
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop_server() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=''; fi; }
finish() {
  stop_server
  [ -z "${cluster:-}" ] || { as_owner "$pg/pg_ctl" stop -D "$cluster/data" -m fast -w >/dev/null 2>&1 || true; rm -rf "$cluster"; }
  if [ -n "$keep" ]; then echo "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT

# What the size of a run is called in the table.
count_rows() { echo $(($(wc -l <"$1/students.csv") - 1)); }
now() { date +%s%N; }
ms_since() { echo $((($(now) - $1) / 1000000)); }
# below FIGURE LIMIT: 是 or 否.
met() { awk -v a="$1" -v b="$2" 'BEGIN { print (a <= b) ? "是" : "**否**" }'; }
# row WHAT ENGINE SIZE FIGURE TARGET MET
row() { printf '| %s | %s | %s | %s | %s | %s |\n' "$@" | tee -a "$results"; }

sql() {
  case $engine in
    sqlite) sqlite3 "$work/$engine-$size.sqlite" "PRAGMA busy_timeout=10000; $1" | tail -n +2 ;;
    postgres) psql -qAtX "$DATABASE_URL" -c "$1" ;;
  esac
}

steps=$((2 + $(wc -w <<<"$engines") * (large > 0 ? 2 : 1)))
step "$steps" "编译正式版" "release build, and the benches"
cargo bench --profile "$profile" --no-run -p qihang-app --bench roster
qihang=$PWD/target/${profile/dev/debug}/qihang

step "$steps" "准备数据" "data"
if [ -z "$data" ]; then
  data=$work/school
  mkdir "$data"
  cargo bench --profile "$profile" -q -p qihang-app --bench roster -- make-school "$data" "$students" "$year" 2>/dev/null
fi
if [ "$large" -gt 0 ]; then
  mkdir "$work/large"
  cargo bench --profile "$profile" -q -p qihang-app --bench roster -- make-school "$work/large" "$large" "$year" 2>/dev/null
fi
if [[ $engines == *postgres* ]]; then
  pg=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
  cluster=$(cd /tmp && as_owner mktemp -d /tmp/qihang-bench-pg.XXXXXX)
  (cd /tmp && as_owner "$pg/initdb" -D "$cluster/data" -U qihang -A trust -E UTF8 --locale=C.UTF-8 >/dev/null)
  port=$((20000 + RANDOM % 20000))
  (cd /tmp && as_owner "$pg/pg_ctl" start -D "$cluster/data" -w -l "$cluster/log" -o "-p $port -k $cluster -h 127.0.0.1" >/dev/null)
fi

open_database() { # ENGINE SIZE
  engine=$1 size=$2
  case $engine in
    sqlite) rm -f "$work/$engine-$size.sqlite"*; export DATABASE_URL=sqlite://$work/$engine-$size.sqlite ;;
    postgres)
      export DATABASE_URL=postgres://qihang@127.0.0.1:$port/bench_$size
      psql -qX "postgres://qihang@127.0.0.1:$port/postgres" -c "CREATE DATABASE bench_$size" ;;
  esac
  "$qihang" migrate >/dev/null
}

# timed COMMAND…: its milliseconds in $ms; exit 1 is an import that refused some rows.
timed() {
  local start
  start=$(now)
  "$@" >"$work/out" 2>&1 || { [ $? = 1 ] || { cat "$work/out"; return 2; }; }
  ms=$(ms_since "$start")
}

# A file may hold rows that are refused (exit 1); one that is refused as a whole must not pass for a fast import.
import() {
  timed "$qihang" import "$1" "$2/$1.csv" --report "$work/answer.csv" "${@:3}"
  ! grep '^qihang:' "$work/out" || fail "$2/$1.csv 没有导入" "$2/$1.csv was not imported"
}

load_school() { # FOLDER MEASURE
  local n
  n=$(count_rows "$1")
  import units "$1"; import majors "$1"
  if [ "$2" = measure ]; then
    import students "$1" --dry-run; row "导入学生：预览" "$engine" "$n" "$ms ms" "≤ 3000 ms" "$(met "$ms" 3000)"
    import students "$1"; row "导入学生：写入" "$engine" "$n" "$ms ms" "≤ 3000 ms" "$(met "$ms" 3000)"
    import students "$1"; row "导入学生：再次导入，无变化" "$engine" "$n" "$ms ms" "≤ 2000 ms" "$(met "$ms" 2000)"
  else
    # As large a university comes in several files: one may not be larger than 64 MB.
    local part sum=0
    for part in 0 1; do
      mkdir -p "$work/part"
      awk -v part="$part" 'NR == 1 || NR % 2 == part' "$1/students.csv" >"$work/part/students.csv"
      import students "$work/part"
      sum=$((sum + ms))
    done
    row "导入学生：写入，分两个文件" "$engine" "$n" "$sum ms" "—" "—"
  fi
  import officers "$1"
  "$qihang" class-year open "$year" --roster-due "$((year - 1))-12-15" --activation-due "$((year - 1))-12-30" >/dev/null
  sql 'ANALYZE'
}

findings() { # SIZE TARGET
  timed "$qihang" findings --class-year "$year" --format csv
  local lines; lines=$(($(wc -l <"$work/out") - 1))
  if [ "$2" = 0 ]; then row "核查一届（$lines 条），命令行全程" "$engine" "$1" "$ms ms" "—" "—"
  else row "核查一届（$lines 条），命令行全程" "$engine" "$1" "$ms ms" "≤ $2 ms" "$(met "$ms" "$2")"; fi
}

# criterion NAME: the median of a bench, in milliseconds.
criterion() {
  awk -v RS='"median":' 'NR == 2 { match($0, /"point_estimate":[0-9.e+]+/); print substr($0, RSTART + 17, RLENGTH - 17) / 1e6 }' \
    "target/criterion/$1/new/estimates.json"
}

functions() { # SIZE ADD
  local name="$engine-$1" ms what
  if [ "$2" = add ]; then export QIHANG_BENCH_ADD=yes; else unset QIHANG_BENCH_ADD; fi
  QIHANG_BENCH_DATABASE=$DATABASE_URL QIHANG_BENCH_YEAR=$year QIHANG_BENCH_NAME=$name \
    cargo bench --profile "$profile" -q -p qihang-app --bench roster -- >"$work/criterion.log" 2>&1 || { cat "$work/criterion.log"; return 1; }
  ms=$(criterion "findings/class_year/$name")
  if [ "$2" = add ]; then row "核查一届，函数（criterion 中位数）" "$engine" "$1" "$(printf %.0f "$ms") ms" "≤ 1000 ms" "$(met "$ms" 1000)"
  else row "核查一届，函数（criterion 中位数）" "$engine" "$1" "$(printf %.0f "$ms") ms" "—" "—"; fi
  for what in ready master surname; do
    ms=$(criterion "candidates/$what/$name")
    row "名单确认一页的全部查询，$what（criterion 中位数）" "$engine" "$1" "$(printf %.1f "$ms") ms" "—" "—"
  done
  if [ "$2" = add ]; then
    local n; n=$(sql "SELECT count(*) FROM student WHERE expected_year = $year")
    ms=$(criterion "roster/add_everyone_expected/$name")
    row "添加 $n 人，一个事务（criterion 中位数）" "$engine" "$1" "$(printf %.0f "$ms") ms" "≤ 1000 ms（7000 人）" "$(met "$ms" 1000)"
  fi
}

start_server() {
  local start
  listen=127.0.0.1:$((20000 + RANDOM % 20000))
  start=$(now)
  QIHANG_LISTEN=$listen QIHANG_PUBLIC_URL=http://$listen QIHANG_DATA_DIR=$work "$qihang" serve >"$work/server.log" 2>&1 &
  server=$!
  until curl -sf -o /dev/null "http://$listen/healthz"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log"; return 1; }
    sleep 0.005
  done
  started=$(ms_since "$start")
}

rss_kb() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server/status"; }

sign_in() { # LOGIN: the cookie in $cookie
  local jar=$work/jar-$1
  rm -f "$jar"
  curl -sf -o /dev/null -c "$jar" -H "Origin: http://$listen" --data-urlencode "login=$1" --data-urlencode "password=$password" \
    "http://$listen/sign-in/staff"
  cookie=$(awk '$6 == "qihang" { print $6 "=" $7 }' "$jar")
  [ -n "$cookie" ] || fail "登录失败" "could not sign in"
}

get() { curl -sf -H "Cookie: $cookie" "http://$listen$1"; }

# load WHAT PAGES SIZE LIMIT: 32 connections over the addresses in the file PAGES.
load() {
  local page status result p50 p99 rate errors
  while read -r page; do
    status=$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: $cookie" "http://$listen$page")
    [ "$status" = 200 ] || fail "$page 返回 $status" "$page answers $status"
  done <"$2"
  BENCH_PAGES=$2 BENCH_COOKIE=$cookie wrk -t2 -c32 --timeout 30s -d3s -s bench/pages.lua "http://$listen" >/dev/null
  result=$(BENCH_PAGES=$2 BENCH_COOKIE=$cookie wrk -t2 -c32 --timeout 30s -d"${seconds}s" -s bench/pages.lua "http://$listen" | grep ^RESULT)
  read -r _ p50 p99 rate errors <<<"$result"
  [ "$errors" = 0 ] || fail "$errors 个请求失败" "$errors requests failed"
  if [ "$4" = 0 ]; then row "$1，32 连接" "$engine" "$3" "p50 $p50 ms，p99 $p99 ms，$rate 次/秒" "—" "—"
  else row "$1，32 连接" "$engine" "$3" "p50 $p50 ms，p99 $p99 ms，$rate 次/秒" "p99 ≤ $4 ms" "$(met "$p99" "$4")"; fi
}

# The filters of both lists: none, one of each kind, the page in the middle, the last one. Never the plain address, which leads
# to the filter before.
filters() { # PATH
  local school major
  school=$(sql "SELECT code FROM college WHERE kind = 'school' ORDER BY code LIMIT 1")
  major=$(sql "SELECT major.code FROM major JOIN college ON college.id = major.college_id WHERE college.code = '$school' ORDER BY 1 LIMIT 1")
  printf "$1%s\n" '?clear=1' '?type=undergraduate' '?type=graduate' '?degree=master' "?admission_year=$((year - 4))" "?school=$school" \
    "?school=$school&major=$major" '?length=4' '?q=%E7%8E%8B' '?q=223' '?q=li' '?last=1'
}

candidates_pages() {
  local middle
  middle=$(sql "SELECT student_no FROM student ORDER BY student_no LIMIT 1 OFFSET (SELECT count(*) / 2 FROM student)")
  filters /manage/roster/candidates
  printf '/manage/roster/candidates%s\n' '?expected=any' "?expected=any&after=$middle" '?expected=any&last=1' '?expected=doubtful' '?expected=any&degree=doctor'
}

roster_pages() {
  local sort next
  filters /manage/roster
  # Ten pages further in several orders: the key of a page stands in the link of the one before.
  for sort in college student_no name major added_at; do
    next="/manage/roster?sort=$sort"
    echo "$next"
    for _ in 1 2 3; do
      next=$(get "$next" | grep -o 'href="/manage/roster?[^"]*after=[^"]*"' | head -n 1 | sed 's/^href="//; s/"$//; s/&amp;/\&/g; s/&#38;/\&/g')
      [ -n "$next" ] && echo "$next" || break
    done
  done
  echo '/manage/roster?view=signing'
}

accounts() {
  password=竹外桃花三两枝春江水暖鸭先知
  "$qihang" account create bench-centre --name 中心 --role centre --password "$password" >/dev/null
  some_college=$(sql "SELECT college.code FROM student JOIN college ON college.id = student.college_id WHERE expected_year = $year GROUP BY college.code ORDER BY count(*) DESC LIMIT 1")
  "$qihang" account create bench-officer --name 专员 --role officer --college "$some_college" --password "$password" >/dev/null
}

fill_roster() { # everyone expected, by the command
  local code
  for code in $(sql "SELECT code FROM college ORDER BY code"); do
    "$qihang" roster confirm --class-year "$year" --college "$code" --expected >/dev/null
  done
  sql ANALYZE
}

# An export of the whole school needs the whole school on one roster, which no rule allows: the others get in past them.
fill_roster_past_the_rules() {
  sql "INSERT INTO roster_entry (student_id, class_year, state, how, added_at)
    SELECT id, $year, 'open', 'command', (SELECT max(added_at) FROM roster_entry) FROM student
    WHERE id NOT IN (SELECT student_id FROM roster_entry)"
  sql ANALYZE
}

export_all() { # SIZE
  local before peak first total ms growth columns n round
  sign_in bench-centre
  get '/manage/roster' >/dev/null
  for round in 1 2; do # the second is timed; only in the first does memory grow, which is not given back at once
    [ "$round" = 2 ] || { before=$(rss_kb VmRSS); echo 5 >"/proc/$server/clear_refs"; }
    read -r first total < <(curl -sf -o "$work/export.xlsx" -w '%{time_starttransfer} %{time_total}\n' -H "Cookie: $cookie" "http://$listen/manage/roster.xlsx?view=signing")
    peak=$(rss_kb VmHWM)
  done
  growth=$(((peak - before) / 1024)) ms=$(awk -v t="$total" 'BEGIN { printf "%.0f", t * 1000 }')
  unzip -p "$work/export.xlsx" xl/worksheets/sheet1.xml >"$work/sheet.xml"
  columns=$(grep -o '<c r="[A-Z]*1"' "$work/sheet.xml" | wc -l)
  n=$(sql "SELECT count(*) FROM roster_entry WHERE class_year = $year")
  row "导出 $n × $columns 为 xlsx" "$engine" "$1" "$ms ms" "≤ 2000 ms" "$(met "$ms" 2000)"
  row "导出：内存增长" "$engine" "$1" "$growth MB" "≤ 40 MB" "$(met "$growth" 40)"
  row "导出：首字节" "$engine" "$1" "$(awk -v t="$first" 'BEGIN { printf "%.0f", t * 1000 }') ms" "≤ 100 ms" "$(met "$first" 0.1)"
  # In full, and who leaves is recorded student by student before the first byte does.
  read -r first total < <(curl -sf -o "$work/export.xlsx" -w '%{time_starttransfer} %{time_total}\n' -H "Cookie: $cookie" -H "Origin: http://$listen" \
    --data-urlencode view=signing --data-urlencode purpose=性能测量 "http://$listen/manage/roster.xlsx")
  unzip -tq "$work/export.xlsx" >/dev/null
  row "导出完整证件号：首字节；全程" "$engine" "$1" "$(awk -v t="$first" -v all="$total" 'BEGIN { printf "%.0f ms；%.0f ms", t * 1000, all * 1000 }')" "—" "—"
}

lists() { # SIZE LIMIT
  start_server
  if [ "$2" != 0 ]; then
    row "启动到第一个应答" "$engine" "$1" "$started ms" "≤ 1000 ms" "$(met "$started" 1000)"
    sleep 2
    row "空闲内存" "$engine" "$1" "$(($(rss_kb VmRSS) / 1024)) MB" "≤ 120 MB" "$(met "$(($(rss_kb VmRSS) / 1024))" 120)"
  fi
  sign_in bench-centre
  candidates_pages >"$work/pages"; load "名单确认，中心" "$work/pages" "$1" "$2"
  sign_in bench-officer
  printf '/manage/roster/candidates%s\n' '?clear=1' '?last=1' '?q=%E7%8E%8B' '?expected=any' '?degree=bachelor' >"$work/pages"
  load "名单确认，最大的一个院" "$work/pages" "$1" "$2"
  stop_server
  fill_roster
  start_server
  sign_in bench-centre
  on_roster=$(sql "SELECT count(*) FROM roster_entry WHERE class_year = $year")
  roster_pages >"$work/pages"; load "学生用户管理（$on_roster 人在库），中心" "$work/pages" "$1" "$2"
  sign_in bench-officer
  printf '/manage/roster%s\n' '?clear=1' '?last=1' '?q=%E7%8E%8B' '?view=signing' '?sort=name' >"$work/pages"
  load "学生用户管理，最大的一个院" "$work/pages" "$1" "$2"
}

# Writes what is known by now into the report: a run that is broken off has not been for nothing.
write_report() {
  local report=docs/performance.md
  {
    sed '/<!-- bench:begin -->/q' "$report"
    printf '\n测于 %s，`%s`，%s 核 %s，%s GB 内存；开始时机器的平均负载 %s，结束时 %s（高于 0 的开始值说明机器同时在做别的事）。\n\n' \
      "$(date +%F)" "$command" "$(nproc)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" \
      "$(awk '/MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo)" "$load_before" "$(cut -d' ' -f1 /proc/loadavg)"
    printf '| 内容 | 数据库 | 学生 | 结果 | 目标 | 达到 |\n|---|---|---|---|---|---|\n'
    cat "$results"
    printf '\n'
    sed -n '/<!-- bench:end -->/,$p' "$report"
  } >"$work/report.md"
  cp "$work/report.md" "$report"
}

n=$(count_rows "$data")
for engine in $engines; do
  step "$steps" "$engine" "$n students"
  limit=50; [ "$engine" = sqlite ] || limit=25
  open_database "$engine" "$n"
  load_school "$data" measure
  findings "$n" 1000
  functions "$n" add
  accounts
  lists "$n" "$limit"
  fill_roster_past_the_rules
  export_all "$n"
  stop_server
  write_report
done
[ "$large" -gt 0 ] || exit 0
for engine in $engines; do
  step "$steps" "$engine" "$large students"
  open_database "$engine" "$large"
  load_school "$work/large" ''
  findings "$large" 0
  functions "$large" ''
  accounts
  lists "$large" 0
  stop_server
  write_report
done
