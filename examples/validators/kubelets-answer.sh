#!/bin/sh
# Checks that the API server reaches every node's kubelet: without that, logs, exec and port-forward fail.
# MAX_NODES (20) bounds the work on a large cluster.
# Fails: a kubelet that does not answer "ok" within 5 s.
# Skips: requests to a kubelet through the API server are forbidden, as on some managed clusters.
. "${0%/*}/lib.sh"

asked=0
bad=''
for node in $(kubectl get nodes -o name | head -n "${MAX_NODES:-20}"); do
  asked=$((asked + 1))
  answer=$(timeout 5 kubectl get --raw "/api/v1/nodes/${node#node/}/proxy/healthz" 2>&1) || true
  echo "$node: $answer"
  case $answer in
  ok) ;;
  *orbidden*) skip "may not ask a kubelet through the API server" ;;
  *) bad="$bad ${node#node/}" ;;
  esac
done
[ "$asked" -gt 0 ] || fail "the cluster has no Node"
[ -z "$bad" ] || fail "of $asked kubelets, these do not answer the API server:$bad"
pass "$asked of $asked kubelets answer the API server"
