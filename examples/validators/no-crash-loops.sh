#!/bin/sh
# Checks that no container in the cluster is in a crash loop. NAMESPACES limits the check: names, separated by spaces.
# Fails: a container (or init container) is in CrashLoopBackOff at this moment.
# Skips: never.
. "${0%/*}/lib.sh"

row='{.metadata.namespace}/{.metadata.name}'
waiting='{range .status.initContainerStatuses[*]} {.state.waiting.reason}{end}{range .status.containerStatuses[*]} {.state.waiting.reason}{end}'
pods() { kubectl get pods "$@" -o jsonpath="{range .items[*]}$row$waiting{\"\\n\"}{end}"; }

if [ -n "${NAMESPACES:-}" ]; then
  list=$(for namespace in $NAMESPACES; do pods -n "$namespace"; done)
else
  list=$(pods --all-namespaces)
fi
bad=$(echo "$list" | awk '/CrashLoopBackOff/ { printf "%s%s", sep, $1; sep = ", " }')
[ -z "$bad" ] || fail "in a crash loop: $bad"
pass "$(echo "$list" | wc -l) pods looked at, none in a crash loop"
