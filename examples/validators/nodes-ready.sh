#!/bin/sh
# Checks that every Node is Ready and under no memory, disk or process pressure.
# Fails: a Node is NotReady, Unknown, without a Ready condition, or under pressure.
# Skips: never.
. "${0%/*}/lib.sh"

condition() { echo " $1={.status.conditions[?(@.type==\"$1\")].status}"; }
conditions="$(condition Ready)$(condition MemoryPressure)$(condition DiskPressure)$(condition PIDPressure)"
nodes=$(kubectl get nodes -o jsonpath="{range .items[*]}{.metadata.name}$conditions{\"\\n\"}{end}")
echo "$nodes"
[ -n "$nodes" ] || fail "the cluster has no Node"

total=$(echo "$nodes" | wc -l)
bad=$(echo "$nodes" | awk '!/ Ready=True / || /Pressure=True/ { printf "%s%s", sep, $1; sep = ", " }')
[ -z "$bad" ] || fail "not ready or under pressure, of $total nodes: $bad"
pass "$total of $total nodes ready, none under pressure"
