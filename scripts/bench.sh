#!/bin/sh
# `npm run bench`: what haup costs and what it keeps (docs/measurements.md). `npm run bench -- NAME [OPTION...]` runs one of
# status, engine, channel, holders, moves, service, dark, instances with its options; `npm run bench -- --docs` prints all
# tables of the documentation as Markdown, in some 35 minutes.
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
  name=${1#--}
  shift
  exec node "bench/$name.ts" "$@"
fi
failed=""
for name in status engine channel holders 'holders --second-line' moves service; do
  printf '\n=== %s\n' "$name"
  # shellcheck disable=SC2086
  set -- $name
  bench=$1
  shift
  node "bench/$bench.ts" "$@" || failed="$failed, $name"
done
[ -z "$failed" ] || { printf '\n=== goals missed: %s\n' "${failed#, }" >&2; exit 1; }
