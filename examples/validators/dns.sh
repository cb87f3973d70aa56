#!/bin/sh
# Checks that the cluster's DNS resolves kubernetes.default.svc to the API server's Service address.
# Fails: a DNS Service that does not answer, or gives another address.
# Skips: the cluster has no DNS Service (label k8s-app=kube-dns in kube-system).
. "${0%/*}/lib.sh"

services=$(kubectl get services -n kube-system -l k8s-app=kube-dns -o name)
[ -n "$services" ] || skip "this cluster has no DNS Service in kube-system"

cat /etc/resolv.conf
# The kubelet writes the search path: <namespace>.svc.<domain> svc.<domain> <domain>
domain=$(awk '/^search/ { for (i = 2; i <= NF; i++) if (sub(/^svc\./, "", $i)) { print $i; exit } }' /etc/resolv.conf)
name=kubernetes.default.svc.${domain:-cluster.local}
if ! answer=$(timeout 20 nslookup -type=a "$name" 2>&1); then
  echo "$answer"
  fail "${services#service/} in kube-system does not resolve $name"
fi
echo "$answer"
# The first Address line is the DNS server's own.
found=$(echo "$answer" | awk '/^Address/ && n++ { print $NF }')
[ "$found" = "$KUBERNETES_SERVICE_HOST" ] || fail "$name resolves to '$found', not $KUBERNETES_SERVICE_HOST"
pass "$name resolves to $found"
