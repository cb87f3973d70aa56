#!/bin/sh
# Measures how long the API server takes for a small read: the 95th percentile of REQUESTS (40) GETs on one connection.
# Fails: over MAX_P95_MS (1000, the limit in Kubernetes' own service level objectives), or a request that is not served.
# Skips: never.
. "${0%/*}/lib.sh"

# kubectl sends one request for each name that it is given, and reports each request's time at -v=6.
names=$(yes default | head -n "${REQUESTS:-40}")
# shellcheck disable=SC2086 # a list of names
if ! timeout 60 kubectl get namespace $names -o name -v=6 >/tmp/names 2>/tmp/requests; then
  tail -n 5 /tmp/requests
  fail "a request was not served: $(tail -n 1 /tmp/requests)"
fi

sed -n 's|.*/namespaces/default.* in \([0-9]*\) milliseconds.*|\1|p; s|.*/namespaces/default.*milliseconds=\([0-9]*\).*|\1|p' \
  /tmp/requests | sort -n >/tmp/times
count=$(wc -l </tmp/times)
[ "$count" -ge "${REQUESTS:-40}" ] || fail "only $count of ${REQUESTS:-40} requests were measured"
p50=$(sed -n "$(((count + 1) / 2))p" /tmp/times)
p95=$(sed -n "$(((count * 95 + 99) / 100))p" /tmp/times)
echo "milliseconds: $(tr '\n' ' ' </tmp/times)"
[ "$p95" -le "${MAX_P95_MS:-1000}" ] || fail "p95 is $p95 ms, over ${MAX_P95_MS:-1000} ms (median $p50 ms)"
pass "p95 $p95 ms, median $p50 ms, $count requests"
