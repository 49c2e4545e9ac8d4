#!/bin/sh
# `npm run test:guest`: builds the package, then installs and drives it in a throw-away machine with systemd as process 1.
# HAUP_GUEST_RUNNER names the program that boots such a machine: RUNNER --systemd --timeout SECONDS -- COMMAND... runs
# COMMAND as root in a guest that sees this machine's files and keeps no change outside the current folder.
set -eu
cd "$(dirname "$0")/../.."

runner=${HAUP_GUEST_RUNNER:-../shared/vm/run-in-kernel}
if ! [ -x "$runner" ]; then
  echo "test:guest: there is no $runner; name a program with HAUP_GUEST_RUNNER (see CONTRIBUTING.md)" >&2
  exit 2
fi
sh scripts/setup.sh --lab
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
node scripts/build.ts
deb=$(node scripts/package.ts)
exec "$runner" --systemd --timeout 900 -- sh test/guest/systemd.sh "$deb"
