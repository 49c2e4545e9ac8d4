#!/bin/sh
# `npm test`: everything that has to hold, from a fresh clone on. Stops at the first stage that fails.
# HAUP_TEST="types unit" runs the named stages only; `io`, `e2e` and `chaos` need root.
set -eu
cd "$(dirname "$0")/.."

all_stages="types lint build unit rfc sim fuzz package io e2e chaos"
stages=${HAUP_TEST:-$all_stages}

for stage in $stages; do
  case " $all_stages " in
    *" $stage "*) ;;
    *) echo "test: there is no stage \"$stage\"; there are: $all_stages" >&2; exit 2 ;;
  esac
done

case " $stages " in
  *' io '* | *' e2e '* | *' chaos '*)
    if [ "$(id -u)" != 0 ]; then
      echo 'test: the stages io, e2e and chaos make network namespaces and need root: sudo npm test' >&2
      echo "test: without root: HAUP_TEST='types lint build unit rfc sim fuzz package' npm test" >&2
      exit 2
    fi
    sh scripts/setup.sh --lab ;;
  *) sh scripts/setup.sh ;;
esac
PATH="$PWD/node_modules/.bin:$PATH"
export PATH

# What needs the kernel's consent (namespaces, raw sockets, netlink) is `io`; what has no folder of its own is `unit`.
io_tests='^test/(native|engine/io|engine/vip)/'
other_tests='^test/(rfc|sim|fuzz|e2e|chaos)/'

tests_in() {
  files=$(find test -name '*.test.ts' | sort | grep -E "$1") || { echo "no tests in $1" >&2; return 1; }
  shift
  # shellcheck disable=SC2086
  node --test "$@" $files
}

# Some tests run the bundle: it is made once, also when the stage `build` was not asked for.
built=""
build() {
  [ -n "$built" ] || node scripts/build.ts || return 1
  built=yes
}

check_rpm() {
  if [ "$(id -u)" = 0 ]; then
    sh packaging/smoke/smoke-rpm.sh "$1"
  else
    echo "test: $1 is made and not installed: that needs root" >&2
  fi
}

run_stage() {
  case $1 in
    types) tsc --noEmit ;;
    lint) biome check . ;;
    build) build ;;
    unit)
      build || return 1
      files=$(find test -name '*.test.ts' | sort | grep -Ev "$io_tests|$other_tests")
      # shellcheck disable=SC2086
      node --test $files ;;
    rfc | sim | fuzz) tests_in "^test/$1/" ;;
    # Of what the stage `build` has made.
    package)
      packages=$(node scripts/package.ts) || return 1
      for package in $packages; do
        case $package in
          *.deb) sh packaging/smoke/smoke.sh "$package" || return 1 ;;
          *.rpm) check_rpm "$package" || return 1 ;;
        esac
      done ;;
    io) tests_in "$io_tests" --test-concurrency=2 ;;
    # Two labs at a time: more would measure this machine instead of haup.
    e2e) build && tests_in '^test/e2e/' --test-concurrency=2 ;;
    # Alone on the machine: its bounds are of tens of milliseconds.
    chaos) build && tests_in '^test/chaos/' --test-concurrency=1 ;;
  esac
}

for stage in $stages; do
  printf '\n=== %s\n' "$stage"
  if ! run_stage "$stage"; then
    printf '\n=== FAILED: %s (again with: HAUP_TEST=%s npm test)\n' "$stage" "$stage" >&2
    exit 1
  fi
done
printf '\n=== passed: %s\n' "$stages"
