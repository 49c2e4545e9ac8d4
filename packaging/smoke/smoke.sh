#!/bin/sh
# smoke.sh PACKAGE.deb: unpacks the package aside and runs its haup with nothing of the build machine in its environment.
# Nothing is installed; no root is needed.
set -eu

deb=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT INT TERM

fail() {
  printf 'smoke: %s\n' "$*" >&2
  exit 1
}
# PATH has no Node: the package must bring its own.
haup() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$root/home" "$root/usr/bin/haup" "$@"; }

dpkg-deb -x "$deb" "$root"
dpkg-deb -e "$deb" "$root/DEBIAN"
mkdir -p "$root/home"
(cd "$root" && md5sum --quiet -c DEBIAN/md5sums) || fail 'md5sums do not match'
for script in postinst prerm postrm; do sh -n "$root/DEBIAN/$script" || fail "$script is no shell script"; done

version=$(dpkg-deb -f "$deb" Version)
case $(haup --version) in
  "haup/$version "*) ;;
  *) fail "haup --version does not say $version: $(haup --version)" ;;
esac
for module in raw-socket netlink; do
  "$root/usr/lib/haup/node/bin/node" -e "require('$root/usr/lib/haup/node_modules/$module')" || fail "$module cannot be loaded"
done
"$root/usr/lib/haup/node/bin/node" -e "require('$root/usr/lib/haup/build/Release/haup_native.node')" || fail 'no addon'

# The documented example is valid; its password files and the cluster's key are secret.
cp "$root/usr/share/doc/haup/haup.example.yaml" "$root/home/haup.yaml"
for file in vrrp.pass lease.pass; do (umask 077 && echo secret > "$root/home/$file"); done
(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' > "$root/home/cluster.key")
haup config check "$root/home/haup.yaml" >/dev/null || fail 'the example is not valid'
echo 'clusterr: x' >> "$root/home/haup.yaml"
haup config check "$root/home/haup.yaml" >/dev/null && fail 'a wrong file is valid'

# Every template of the package.
render() {
  case $1 in
    haup.yaml)
      haup init --yes --dry-run --config "$root/home/new.yaml" --node web1 --address 192.0.2.11 --peer web2 \
        --peer-address 192.0.2.12 --vip 192.0.2.100/24 --vrid 77 --probe-url http://127.0.0.1/ --restart none ;;
    haup.service) cat "$root/lib/systemd/system/haup.service" ;;
    completion.bash) haup completion bash ;;
    completion.zsh) haup completion zsh ;;
    # "haup init" fills these in after what it finds on a box; here it is made sure that they can be read.
    *)
      "$root/usr/lib/haup/node/bin/node" -e '
        const { readFileSync } = require("node:fs")
        require(process.argv[1]).precompile(readFileSync(process.argv[2], "utf8"))
        console.log("can be read")
      ' "$here/node_modules/handlebars" "$root/usr/lib/haup/dist/templates/$1.hbs" ;;
  esac
}
for template in "$root"/usr/lib/haup/dist/templates/*.hbs; do
  name=$(basename "$template" .hbs)
  render "$name" > "$root/home/$name" || fail "$name cannot be rendered: $(cat "$root/home/$name")"
  [ -s "$root/home/$name" ] || fail "$name is empty"
  # shellcheck disable=SC2016
  if grep -q '{{' "$root/home/$name"; then fail "$name has variables that are not filled in"; fi
done
bash -n "$root/home/completion.bash" || fail 'the completion is no bash script'
cmp "$root/home/completion.bash" "$root/usr/share/bash-completion/completions/haup" || fail 'the completion is an old one'
grep -q '^ExecStart=/usr/bin/haup up$' "$root/home/haup.service" || fail 'the unit does not start haup'

haup status --run-dir "$root/home" >/dev/null 2>&1 && fail 'there is no engine to have a status of'
for document in copyright config.md exit-codes.md haup.example.yaml changelog.gz; do
  [ -s "$root/usr/share/doc/haup/$document" ] || fail "$document is missing"
done
cd "$here"
printf 'smoke: %s is well\n' "$(basename "$deb")"
