#!/bin/sh
# Checks that each kubelet's version is one that this API server supports: not newer, and at most three minors older.
# Fails: a Node has another version, or reports none.
# Skips: never.
. "${0%/*}/lib.sh"

server=$(kubectl get --raw /version | sed -n 's/.*"gitVersion": *"v1\.\([0-9]*\).*/\1/p')
[ -n "$server" ] || fail "cannot read the API server's version"
echo "API server: 1.$server"

nodes=$(kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}')
echo "$nodes"
bad=$(echo "$nodes" | awk -v server="$server" '{
  split($2, part, ".")
  if (part[2] == "" || part[2] + 0 > server + 0 || server - part[2] > 3) { printf "%s%s (%s)", sep, $1, $2; sep = ", " }
}')
[ -z "$bad" ] || fail "outside what API server 1.$server supports: $bad"
pass "every kubelet is within the skew that API server 1.$server supports"
