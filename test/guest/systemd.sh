#!/bin/sh
# systemd.sh PACKAGE.deb: in a throw-away machine under systemd, as root. Installs haup, sets it up beside nginx, and hurts
# both: see run.sh.
set -eu

deb=$1
. "$(dirname "$0")/support.sh"

touch /run/begun
say 'the network'
ip link add "$link" type veth peer name hauptest1
ip link set "$link" up
ip link set hauptest1 up
ip address add 192.0.2.11/24 dev "$link"

say 'installing does not start anything'
dpkg -i "$deb" >/dev/null 2>&1 || fail "dpkg -i: $(dpkg -i "$deb" 2>&1 | tail -3)"
getent group haup >/dev/null || fail 'no group haup'
systemctl -q is-active haup && fail 'the engine runs without having been started'
systemctl -q is-enabled haup && fail 'the engine is enabled without a configuration'

say 'without a configuration it fails once, and says why'
systemctl start haup && fail 'started without a configuration'
wait_for 'the unit has failed and is left alone' systemctl -q is-failed haup
logged 'haup init' || fail 'the log does not say what to do'
systemctl reset-failed haup

say 'setting it up'
systemctl start nginx || fail 'nginx does not start'
haup init --yes --node web1 --address 192.0.2.11 --peer web2 --peer-address 192.0.2.12 --vip "$vip/24" --vrid 77 \
  --probe-url http://127.0.0.1/ --restart nginx.service >/dev/null || fail 'haup init'
cat > /run/told.sh <<'SCRIPT'
#!/bin/sh
echo "$@" >> /run/told
SCRIPT
chmod 755 /run/told.sh
printf '\nnotify:\n  any: [/run/told.sh]\n' >> /etc/haup/haup.yaml
haup config check || fail 'haup config check'
systemctl enable --now haup || fail 'the engine does not start'
systemctl -q is-active haup || fail 'not active after start: it is not Type=notify'
wait_for 'the unit says that it is MASTER' is_master
wait_for 'the address is bound' has_vip
wait_for 'a notify command was told' grep -qx 'INSTANCE www MASTER [0-9]*' /run/told

say 'a reload keeps the engine and the address; a wrong file is refused'
engine=$(property haup MainPID)
systemctl reload haup || fail 'systemctl reload'
cp /etc/haup/haup.yaml /run/haup.yaml.good
echo 'clusterr: x' >> /etc/haup/haup.yaml
systemctl reload haup && fail 'a wrong file was taken'
cp /run/haup.yaml.good /etc/haup/haup.yaml
[ "$(property haup MainPID)" = "$engine" ] || fail 'the engine is another one'
has_vip || fail 'the address is gone'

say 'nginx is killed'
old=$(property nginx MainPID)
kill -9 "$old"
wait_for 'its unit runs it again' differs nginx "$old"
wait_for 'it serves the virtual address' serves
server=$(property nginx MainPID)
[ "$(cgroup_of "$server")" = /system.slice/nginx.service ] || fail "nginx is in $(cgroup_of "$server")"
ours_is_clean() {
  for pid in $(pgrep -x nginx); do
    case $(cgroup_of "$pid") in */haup.service) return 1 ;; esac
  done
}
ours_is_clean || fail 'nginx runs in the control group of haup'
wait_for 'the log says so' logged '^nginx: restart 1 of 2'
wait_for 'the address is (still) here' has_vip

say 'the engine hangs'
old=$(property haup MainPID)
kill -STOP "$old"
wait_for 'the watchdog ends it, and it is started again' differs haup "$old"
journalctl --no-pager -u haup | grep -qi 'watchdog timeout' || fail 'it was not the watchdog'
wait_for 'it is MASTER again' is_master
wait_for 'the address is bound again' has_vip

say 'the engine is killed'
old=$(property haup MainPID)
kill -9 "$old"
# By "haup cleanup", or on a slow machine by its own lifetime.
wait_for 'the address leaves with it' has_no_vip
wait_for 'it is started again' differs haup "$old"
wait_for 'it is MASTER once more' is_master
wait_for 'the address is bound once more' has_vip

say 'the journal has fields'
journalctl --no-pager -u haup -o json HAUP_CODE=vrrp.state HAUP_SUBJECT=www | grep -q '"HAUP_TO":"MASTER"' ||
  fail 'no structured entry'
journalctl --no-pager -u haup -p warning -o cat | grep -q 'restart 1 of 2' || fail 'no priorities'

say 'the engine is stopped'
server=$(property nginx MainPID)
systemctl stop haup
has_no_vip || fail 'the address is still bound'
[ "$(property haup Result)" = success ] || fail "the stop ended with $(property haup Result)"
[ "$(property nginx MainPID)" = "$server" ] || fail 'nginx was touched'
systemctl -q is-active nginx || fail 'nginx was stopped too'
tail -1 /run/told | grep -qx 'INSTANCE www STOP [0-9]*' || fail "told last: $(tail -1 /run/told)"
haup cleanup || fail 'cleanup with nothing to do'

say 'a server started by its command'
sed -i 's#^\( *\)unit: nginx.service#\1argv: [/usr/sbin/nginx]\n\1pid_file: /run/nginx.pid#' /etc/haup/haup.yaml
haup config check || fail 'the configuration with argv'
systemctl start haup
wait_for 'it is MASTER' is_master
systemctl stop nginx
wait_for 'a server runs again' pgrep -x nginx
wait_for 'it serves' serves
ours_is_clean || fail 'nginx runs in the control group of haup'
systemctl stop haup
pgrep -x nginx >/dev/null || fail 'the server ended with the engine'
