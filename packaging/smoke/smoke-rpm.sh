#!/bin/sh
# smoke-rpm.sh PACKAGE.rpm: installs the package into a root of its own, with a database of its own, verifies, upgrades and
# erases it there, its scripts included. The machine itself is not touched. Needs root, for chroot.
set -eu

rpm=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT INT TERM

fail() {
  printf 'smoke: %s\n' "$*" >&2
  exit 1
}
# What the scripts of the package call, with its libraries.
bring() {
  program=$(readlink -f "$(command -v "$1")")
  for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
  done
  mkdir -p "$root/usr/bin" "$root/usr/sbin"
  case $1 in groupadd) place=usr/sbin/groupadd ;; *) place=usr/bin/$1 ;; esac
  [ -e "$root/$place" ] || ln -s "$program" "$root/$place"
}
# Debian's rpm warns of what is done here on purpose.
inside() { rpm --root "$root" --dbpath /var/lib/rpm --define '_pkgverify_level none' "$@" 2>"$root/tmp/said" || failed "$@"; }
failed() {
  grep -v 'use Alien\|you know what you are doing' "$root/tmp/said" >&2
  return 1
}

for link in bin sbin lib lib64; do mkdir -p "$root/usr/$link" && ln -s "usr/$link" "$root/$link"; done
mkdir -p "$root/etc" "$root/run" "$root/var/lib/rpm" "$root/var/tmp" "$root/tmp" "$root/dev"
: > "$root/dev/null"
for program in sh getent groupadd rm; do bring "$program"; done
for name in /lib/*/libnss_files.so.2; do [ ! -e "$name" ] || cp -L "$name" "$root$name"; done
printf 'root:x:0:\n' > "$root/etc/group"
printf 'root:x:0:0:root:/root:/bin/sh\n' > "$root/etc/passwd"
printf 'group: files\npasswd: files\n' > "$root/etc/nsswitch.conf"
cp /etc/login.defs "$root/etc/login.defs"
everything() { (cd "$root" && find . -path ./var/lib/rpm -prune -o -path ./proc -prune -o ! -type d -print | sort); }
everything > "$root/tmp/before"

inside --initdb
# Of the libraries that it needs this database knows nothing: they are looked at below.
inside -i --nodeps "$rpm" || fail 'cannot be installed'
grep -q '^haup:' "$root/etc/group" || fail 'there is no group'
inside -V --nodeps haup || fail 'a file is not as it was packed'
[ "$(readlink "$root/usr/bin/haup")" = ../lib/haup/bin/haup ] || fail 'there is no program'
[ -s "$root/usr/lib/systemd/system/haup.service" ] || fail 'there is no unit'
for file in LICENSE node.gz; do [ -s "$root/usr/share/licenses/haup/$file" ] || fail "$file is missing"; done
said=$(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$root/tmp" "$root/usr/bin/haup" --version)
case $said in
  "haup/$(rpm -qp --qf '%{VERSION}' "$rpm" 2>/dev/null) "*) ;;
  *) fail "haup --version says $said" ;;
esac
# Red Hat 8 and its kin have glibc 2.28.
newest=$(rpm -qp --requires "$rpm" 2>/dev/null | sed -n 's/^libc\.so\.6(GLIBC_\([0-9.]*\)).*/\1/p' | sort -V | tail -1)
[ "$(printf '%s\n2.28\n' "$newest" | sort -V | tail -1)" = 2.28 ] || fail "it needs glibc $newest"
[ -z "$(rpm -qp --provides "$rpm" 2>/dev/null | grep '\.node')" ] || fail 'its addons are offered to others'

inside -U --force --nodeps "$rpm" || fail 'cannot be upgraded'
inside -V --nodeps haup || fail 'a file is lost by an upgrade'
inside -e haup || fail 'cannot be erased'
everything > "$root/tmp/after"
left=$(comm -13 "$root/tmp/before" "$root/tmp/after" | grep -v '^\./tmp/\|^\./etc/g\?shadow\?-\?$\|^\./etc/group-$\|^\./etc/gshadow\|^\./etc/\.pwd\.lock$' || true)
[ -z "$left" ] || fail "left behind: $left"
printf 'smoke: %s is well\n' "$(basename "$rpm")"
