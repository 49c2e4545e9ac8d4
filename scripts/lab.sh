#!/bin/sh
# `npm run lab`: makes everything ready on this machine, then plays `haup lab` (options are passed on: --keep, --clean).
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo 'lab: needs root (it makes network namespaces): sudo npm run lab' >&2
  exit 2
fi
sh scripts/setup.sh --lab
PATH="$PWD/node_modules/.bin:$PATH" node scripts/build.ts
exec bin/haup lab "$@"
