#!/bin/sh
# package.sh PACKAGE.deb NEWER.deb: after systemd.sh, with the engine stopped and configured. Upgrades, removes, installs
# again and purges, as dpkg and apt do it.
set -eu

deb=$1
newer=$2
. "$(dirname "$0")/support.sh"
export DEBIAN_FRONTEND=noninteractive

# quietly COMMAND...: what it says is shown only when it fails.
quietly() { "$@" >/run/said 2>&1 || fail "$*: $(tail -5 /run/said)"; }
script() { sh "/var/lib/dpkg/info/haup.$1" "$2" ${3:+"$3"}; }
version_of() { dpkg-query -W -f '${Version}' haup; }
told_last() { tail -1 /run/told; }

# A policy that forbids starting services, as in images of containers, forbids what is looked at here.
rm -f /usr/sbin/policy-rc.d

say 'an upgrade over a running engine'
systemctl start haup
wait_for 'it is MASTER' is_master
wait_for 'the address is bound' has_vip
echo 'cluster: edited by hand, and left alone' > /etc/haup/other.yaml
before=$(md5sum /etc/haup/*)
old=$(property haup MainPID)
: > /run/told
quietly dpkg -i "$newer"
[ "$(version_of)" = "$(dpkg-deb -f "$newer" Version)" ] || fail "the version is $(version_of)"
grep -q 'INSTANCE www STOP' /run/told || fail 'the former engine did not resign'
wait_for 'the engine is another one' differs haup "$old"
[ "$(readlink "/proc/$(property haup MainPID)/exe")" = /usr/lib/haup/node/bin/node ] || fail 'it runs a deleted program'
wait_for 'it is MASTER again' is_master
wait_for 'the address is bound again' has_vip
[ "$(md5sum /etc/haup/*)" = "$before" ] || fail 'the configuration was touched'
systemctl -q is-enabled haup || fail 'it is no longer enabled'

say 'the same package once more, and its scripts twice'
old=$(property haup MainPID)
quietly dpkg -i "$newer"
wait_for 'the engine is another one' differs haup "$old"
old=$(property haup MainPID)
quietly script postinst configure
[ "$(property haup MainPID)" = "$old" ] || fail 'a first configuration restarts the engine'
quietly script postinst abort-upgrade 0.0.1
quietly script prerm upgrade 9.9
[ "$(property haup MainPID)" = "$old" ] || fail 'an upgrade that was called off ends the engine'

say 'an upgrade leaves a stopped engine stopped'
systemctl stop haup
quietly dpkg -i "$newer"
systemctl -q is-active haup && fail 'the engine was started'
systemctl start haup
wait_for 'it is MASTER' is_master
wait_for 'the address is bound' has_vip

say 'removing it'
quietly apt-get remove -y haup
has_no_vip || fail 'the address outlived the package'
[ "$(told_last | cut -d' ' -f1-3)" = 'INSTANCE www STOP' ] || fail "told last: $(told_last)"
systemctl -q is-active haup && fail 'the engine runs without its package'
[ ! -e /usr/lib/haup ] || fail "left: $(find /usr/lib/haup)"
[ "$(md5sum /etc/haup/*)" = "$before" ] || fail 'removing touched the configuration'
[ -e /etc/haup/haup.yaml ] || fail 'removing took the configuration'
pgrep -x nginx >/dev/null || fail 'the server ended with the package'

say 'installing it again finds the configuration'
quietly dpkg -i "$deb"
systemctl start haup
wait_for 'it is MASTER' is_master
wait_for 'the address is bound' has_vip

say 'purging it'
echo '{"files": [
    {
      "path": "/etc/haup/haup.yaml",
    },
    {
      "path": "/run/told.sh",
    }' > /var/lib/haup/init-manifest.json
quietly apt-get purge -y haup
has_no_vip || fail 'the address outlived the package'
grep -q 'haup: /run/told.sh was written by "haup init", and stays' /run/said || fail "purge said: $(cat /run/said)"
# By their change time: dpkg gives files the modification times of the package.
left=$(find /etc /lib/systemd /usr/bin /usr/lib/haup /usr/share/bash-completion /usr/share/doc/haup /usr/share/lintian \
  /usr/share/man/man8 /usr/share/zsh /var/cache /var/lib -xdev -cnewer /run/begun -iname '*haup*' 2>/dev/null || true)
[ -z "$left" ] || fail "purge left: $left"
left=$(ls -d /run/haup /run/haup-* 2>/dev/null || true)
[ -z "$left" ] || fail "purge left: $left"
getent group haup >/dev/null && fail 'purge left the group'
[ ! -e /etc/haup ] || fail 'purge left /etc/haup'
dpkg-query -W haup >/dev/null 2>&1 && fail 'dpkg still knows it'
dpkg-deb -e "$deb" /run/control
sh /run/control/postrm purge || fail 'postrm purge a second time'
systemctl list-units --all --failed --no-legend 'haup*' | grep -q . && fail 'the unit is still there'
say 'passed'
