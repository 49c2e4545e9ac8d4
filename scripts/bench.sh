#!/bin/sh
# `npm run bench`: what haup costs and what it keeps (docs/measurements.md). `npm run bench -- NAME [OPTION...]` runs one of
# status, engine, holders, service with its options.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo 'bench: needs root (it makes network namespaces): sudo npm run bench' >&2
  exit 2
fi
[ -x /usr/bin/curl ] || { echo 'bench: keepalived is measured with curl as its check: apt-get install curl' >&2; exit 2; }
sh scripts/setup.sh --lab
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
node scripts/build.ts
if [ $# -gt 0 ]; then
  name=$1
  shift
  exec node "bench/$name.ts" "$@"
fi
failed=""
for name in status engine holders service; do
  printf '\n=== %s\n' "$name"
  node "bench/$name.ts" || failed="$failed $name"
done
[ -z "$failed" ] || { printf '\n=== goals missed:%s\n' "$failed" >&2; exit 1; }
