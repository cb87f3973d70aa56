#!/bin/sh
# Checks that the cluster would admit a small, ordinary pod: a server-side dry run goes through authorization, quota,
# every admission webhook and policy, and creates nothing.
# Fails: the pod is refused; the message is the API server's.
# Skips: never.
. "${0%/*}/lib.sh"

pod="
apiVersion: v1
kind: Pod
metadata: {generateName: admission-probe-, namespace: $AICR_NAMESPACE}
spec:
  restartPolicy: Never
  containers:
    - {name: probe, image: $(this_image), resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 10m, memory: 16Mi}}}
"
if ! answer=$(echo "$pod" | kubectl create --dry-run=server -f - 2>&1); then
  echo "$answer"
  fail "a pod in $AICR_NAMESPACE would be refused: $answer"
fi
pass "$answer"
