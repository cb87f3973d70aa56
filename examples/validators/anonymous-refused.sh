#!/bin/sh
# Checks that the API server refuses a request without credentials.
# Fails: the request is served, or anything but Forbidden or Unauthorized comes back.
# Skips: never.
. "${0%/*}/lib.sh"

# Without any credentials kubectl uses the pod's own account. A user name and password prevent that; the API server
# accepts no passwords, so the request is anonymous.
anonymous() {
  timeout 10 kubectl --server="https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT" --username=no --password=one \
    --certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt "$@" 2>&1
}
if answer=$(anonymous get --raw /api/v1/namespaces); then
  fail "anyone may list the namespaces: the API server answered without credentials"
fi
echo "$answer"
case $answer in
*Forbidden* | *Unauthorized*) pass "a request without credentials is refused" ;;
*) fail "expected Forbidden or Unauthorized, got: $answer" ;;
esac
