# shellcheck shell=sh
# What the guest's scripts share. Every wait is for an event, with a limit that suits an emulated processor.

vip=192.0.2.100
link=hauptest0
LIMIT=90

say() { printf 'guest: %s\n' "$*"; }
fail() {
  say "FAILED: $*"
  journalctl --no-pager -u haup -u nginx | tail -80
  systemctl status --no-pager haup nginx || true
  ip address show dev "$link"
  exit 1
}
# wait_for WHAT CONDITION...: until the condition holds.
wait_for() {
  what=$1
  shift
  end=$(($(date +%s) + LIMIT))
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || fail "$what: not within ${LIMIT} s"
    sleep 0.2
  done
  say "$what"
}
property() { systemctl show --value -p "$2" "$1"; }
has_vip() { ip -o address show dev "$link" | grep -q " $vip/"; }
has_no_vip() { ! has_vip; }
is_master() { property haup StatusText | grep -q 'www MASTER'; }
serves() { haup probe --http "http://$vip/"; }
logged() { journalctl --no-pager -o cat -u haup | grep -qE "$1"; }
# differs UNIT PID: the unit runs, with another main process.
differs() { now=$(property "$1" MainPID) && [ "$now" != 0 ] && [ "$now" != "$2" ] && systemctl -q is-active "$1"; }
cgroup_of() { cut -d: -f3 "/proc/$1/cgroup"; }
