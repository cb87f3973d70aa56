#!/bin/sh
# Measures how long a small pod takes from its creation until it has run: scheduler, kubelet, runtime and back.
# Fails: the pod is refused, or has not run after MAX_SECONDS (30); the message says where it hangs.
# Skips: never.
. "${0%/*}/lib.sh"

k() { kubectl -n "$AICR_NAMESPACE" "$@"; }
made=''
cleanup() { [ -z "$made" ] || k delete "$made" --ignore-not-found --wait=false; }
owner=$(owned_by_this_pod)
image=$(this_image)

began=$(milliseconds)
made=$(k create -o name -f - <<END
apiVersion: v1
kind: Pod
metadata: {generateName: pod-start-time-, labels: {app: pod-start-time}, $owner}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  containers:
    - name: probe
      image: $image
      command: [/bin/sh, -c, exit 0]
      resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 10m, memory: 16Mi}}
END
) || fail "a small pod is refused in $AICR_NAMESPACE"
if ! k wait "$made" --for=jsonpath='{.status.phase}'=Succeeded --timeout="${MAX_SECONDS:-30}s"; then
  why=$(k get "$made" -o jsonpath='{.status.phase}: {.status.conditions[?(@.status=="False")].message}')
  fail "a small pod has not run after ${MAX_SECONDS:-30} s: $why"
fi
pass "a small pod was created, scheduled and run in $(($(milliseconds) - began)) ms"
