#!/bin/sh
# Puts a fresh Debian machine in a state where everything in this project runs: build tools, npm packages, the pinned
# Node, the native parts. Does nothing when nothing changed. `setup.sh --lab` adds what the lab and the tests drive.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

apt_install() {
  missing=""
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" != 0 ]; then
    say "these packages are missing and need root to install:$missing"
    exit 1
  fi
  say "installing:$missing"
  # policy-rc.d answers 101 = "do not start services": the lab runs its own nginx, the machine's ports stay as they are.
  policy=/usr/sbin/policy-rc.d
  made_policy=""
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    made_policy=yes
  fi
  trap '[ -n "$made_policy" ] && rm -f "$policy"' EXIT INT TERM
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/tmp/haup-setup-apt.log 2>&1 || {
    cat /tmp/haup-setup-apt.log >&2
    exit 1
  }
  [ -n "$made_policy" ] && rm -f "$policy"
  trap - EXIT INT TERM
}

build_tools() { command -v cc >/dev/null && command -v c++ >/dev/null && command -v make >/dev/null && command -v python3 >/dev/null; }
package_tools() { command -v dpkg-shlibdeps >/dev/null && command -v strip >/dev/null && command -v rpmbuild >/dev/null; }
build_tools || apt_install build-essential python3
package_tools || apt_install dpkg-dev binutils rpm
if [ "${1:-}" = --lab ]; then
  apt_install iproute2 nftables nginx-light apache2 keepalived tcpdump procps openssl curl etcd-server
fi

stamp=node_modules/.haup-setup
wanted=$(cat package-lock.json scripts/setup.sh src/native/binding.gyp src/native/*.c src/native/*.h 2>/dev/null | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then
  exit 0
fi

say "npm packages"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
say "the pinned Node"
npm rebuild node --ignore-scripts=false --foreground-scripts=false --loglevel=error >&2
headers="$PWD/node_modules/node/node_modules/node-linux-$(node -p process.arch)"
PATH="$PWD/node_modules/.bin:$PATH"
export PATH npm_config_nodedir="$headers"
say "native parts for Node $(node --version)"
npm rebuild raw-socket netlink --ignore-scripts=false --loglevel=error >&2
node-gyp rebuild --silent --nodedir="$headers" -C src/native >&2
printf '%s' "$wanted" > "$stamp"
