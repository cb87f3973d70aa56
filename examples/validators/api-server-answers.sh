#!/bin/sh
# Checks that the API server answers at the address that every pod is given, and that it reports itself as ready.
# Fails: no answer within 10 s, an answer with an error, or a readiness check of the server that is not ok.
# Skips: never.
. "${0%/*}/lib.sh"

address=$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT
began=$(milliseconds)
if ! checks=$(timeout 10 kubectl get --raw '/readyz?verbose' 2>&1); then
  echo "$checks"
  fail "the API server at $address is not ready, or does not answer: $(echo "$checks" | tail -n 1)"
fi
took=$(($(milliseconds) - began))
echo "$checks"
pass "the API server at $address is ready: $(echo "$checks" | grep -c '^\[+\]') checks ok, $took ms with kubectl's start"
