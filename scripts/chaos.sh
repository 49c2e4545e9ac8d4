#!/bin/sh
# `npm run chaos`: makes everything ready on this machine, then runs scripts/chaos.ts (its options are passed on).
set -eu
cd "$(dirname "$0")/.."
case " $* " in
  *' --sim '* | *' --cells '*) sh scripts/setup.sh ;;
  *)
    if [ "$(id -u)" != 0 ]; then
      echo 'chaos: needs root (it makes network namespaces): sudo npm run chaos; without: npm run chaos -- --sim' >&2
      exit 2
    fi
    sh scripts/setup.sh --lab
    PATH="$PWD/node_modules/.bin:$PATH" node scripts/build.ts ;;
esac
exec node_modules/.bin/node scripts/chaos.ts "$@"
