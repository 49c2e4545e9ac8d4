#!/bin/sh
# `npm run test:guest`: builds the package and shows it to lintian; then installs, drives, upgrades and purges it in a
# throw-away machine with systemd as process 1.
# HAUP_GUEST_RUNNER names the program that boots such a machine: RUNNER --systemd --timeout SECONDS -- COMMAND... runs
# COMMAND as root in a guest that sees this machine's files and keeps no change outside the current folder.
set -eu
cd "$(dirname "$0")/../.."

# raise_version PACKAGE NEWER: the same package as its successor; not compressed, which an emulated processor is glad of.
raise_version() {
  dpkg-deb -R "$1" "$work/tree"
  sed -i 's/^Version: .*/&+newer/' "$work/tree/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$work/tree" "$2" >/dev/null
  rm -rf "$work/tree"
}

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
if command -v lintian >/dev/null; then
  # No error and no warning but what packaging/debian/lintian-overrides gives reasons for.
  lintian --allow-root --fail-on error,warning "$deb"
fi
work=build/guest
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT INT TERM
newer=$work/newer.deb
raise_version "$deb" "$newer"
"$runner" --systemd --timeout 1200 -- sh -ec 'sh test/guest/systemd.sh "$1" && sh test/guest/package.sh "$1" "$2"' - \
  "$deb" "$newer"
