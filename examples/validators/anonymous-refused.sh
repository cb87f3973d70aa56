#!/bin/sh
# Checks that the API server refuses a request without credentials. Needs no kubectl: busybox wget is enough.
# Fails: the request is served, or anything but 401 or 403 comes back.
# Skips: never.
. "${0%/*}/lib.sh"

url=https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces
# wget cannot check the certificate against the cluster's CA: bearable here only because no secret is sent.
if answer=$(wget -q -T 10 --no-check-certificate -O /dev/null "$url" 2>&1); then
  fail "anyone may list the namespaces: $url answered without credentials"
fi
echo "$answer"
case $answer in
*' 401 '* | *' 403 '*) pass "a request without credentials is refused" ;;
*) fail "expected 401 or 403 from $url, got: $answer" ;;
esac
