# shellcheck shell=sh
# Every example validator starts with:  . "${0%/*}/lib.sh"
#
#   pass "text"   exit 0: the condition holds
#   fail "text"   exit 1: it does not
#   skip "text"   exit 2: it cannot be judged here, and that is fine
#
# The text becomes the termination message (the test's message in the report, 4,096 bytes at most) and a RESULT: line,
# which AICR shows to the person who watches the run. Everything else that is printed is the test's log.
set -eu

pass() { answer 0 "$*"; }
fail() { answer 1 "$*"; }
skip() { answer 2 "$*"; }

answered=''
answer() {
  answered=yes
  { printf '%s' "$2" >/dev/termination-log; } 2>/dev/null || true # absent outside Kubernetes
  printf 'RESULT: %s\n' "$2"
  exit "$1"
}

# A validator that creates objects redefines this. It runs at every exit, also after SIGTERM.
cleanup() { :; }

# `set -e` ends a script with the exit code of the command that failed. A 2 would count as "skipped", so an exit without
# pass, fail or skip becomes a failure that says so.
at_exit() {
  cleanup || true
  [ -n "$answered" ] || fail "$0 ended by itself with exit code $1: see its log"
  exit "$1"
}
trap 'at_exit $?' EXIT
# A shell that is process 1 ignores SIGTERM without a trap. 143 is 128 + 15: killed, no verdict.
trap 'answered=killed; exit 143' TERM

this_pod=$(hostname) # a pod's host name is its name
milliseconds() { awk '{ printf "%.0f", $1 * 1000 }' /proc/uptime; } # since boot, in steps of 10

# A validator's objects are owned by its own pod: if it is killed before it cleans up, the cluster cleans up.
owned_by_this_pod() {
  uid=$(kubectl get pod "$this_pod" -n "$AICR_NAMESPACE" -o jsonpath='{.metadata.uid}')
  echo "ownerReferences: [{apiVersion: v1, kind: Pod, name: $this_pod, uid: $uid}]"
}
this_image() {
  kubectl get pod "$this_pod" -n "$AICR_NAMESPACE" -o jsonpath='{.spec.containers[?(@.name=="validator")].image}'
}
