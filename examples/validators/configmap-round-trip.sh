#!/bin/sh
# Checks the API server's write path, through to etcd: creates a ConfigMap, changes it, reads it back, deletes it.
# Fails: a step is refused, or what is read is not what was written.
# Skips: never.
. "${0%/*}/lib.sh"

k() { kubectl -n "$AICR_NAMESPACE" "$@"; }
made=''
cleanup() { [ -z "$made" ] || k delete "$made" --ignore-not-found --wait=false; }
owner=$(owned_by_this_pod)

began=$(milliseconds)
made=$(k create -o name -f - <<END
apiVersion: v1
kind: ConfigMap
metadata:
  generateName: round-trip-
  $owner
data: {step: created}
END
) || fail "cannot create a ConfigMap in $AICR_NAMESPACE"
k patch "$made" --type=merge -p '{"data":{"step":"changed"}}' || fail "cannot change $made"
step=$(k get "$made" -o jsonpath='{.data.step}') || fail "cannot read $made"
[ "$step" = changed ] || fail "wrote 'changed' to $made and read '$step'"
k delete "$made" || fail "cannot delete $made"
pass "created, changed, read and deleted a ConfigMap in $(($(milliseconds) - began)) ms"
