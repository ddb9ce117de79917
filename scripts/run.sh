#!/usr/bin/env bash
# make run: from a clone to a running demo university.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

step 5 "检查工具" "looking for the tools"
for tool in cargo node npm; do
  command -v "$tool" >/dev/null || fail "缺少 $tool，请先安装 Rust 与 Node.js" "$tool is missing; install Rust and Node.js first"
done
echo "    $(cargo --version) · node $(node --version)"

step 5 "网页资源（样式、脚本、图标）" "web assets"
make --silent assets

qihang=target/debug/qihang
if [ -x "$qihang" ]; then
  step 5 "编译改动过的部分" "compiling what has changed"
else
  step 5 "编译（首次约需 4 至 7 分钟，之后只需几秒）" "compiling (4 to 7 minutes the first time, seconds later)"
fi
cargo build --locked --bin qihang

step 5 "数据库 var/qihang.sqlite" "database"
mkdir -p var
# The demo has a database of its own, whatever the caller's settings name; and it is there whole or not at all.
export DATABASE_URL=sqlite://var/qihang.sqlite
if [ ! -e var/qihang.sqlite ]; then
  rm -f var/unfinished.sqlite*
  DATABASE_URL=sqlite://var/unfinished.sqlite "$qihang" migrate
  DATABASE_URL=sqlite://var/unfinished.sqlite "$qihang" demo >var/demo.txt
  mv var/unfinished.sqlite var/qihang.sqlite
fi
"$qihang" migrate
cat var/demo.txt
echo "    重新开始：删除 var 文件夹 · to start afresh, remove the folder var"

step 5 "启动，按 Ctrl+C 停止" "serving; stop with Ctrl+C"
echo "    http://${QIHANG_LISTEN:-127.0.0.1:8080}"
exec "$qihang" serve
