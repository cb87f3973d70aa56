#!/bin/sh
# Checks the credentials that pods are given: a token that expires, that was issued to this pod, and that the API server
# recognizes as the ServiceAccount that it names.
# Fails: there is no token (automounting is off), or it never expires (a legacy Secret), belongs to another pod, or is
# refused.
# Skips: never.
. "${0%/*}/lib.sh"

file=/var/run/secrets/kubernetes.io/serviceaccount/token
[ -r "$file" ] || fail "this pod was given no token: $file is missing"

# A token is three parts joined by dots; the second is JSON in base64url without padding.
payload=$(cut -d. -f2 "$file" | tr '_-' '/+')
while [ $((${#payload} % 4)) -ne 0 ]; do payload=$payload=; done
claims=$(echo "$payload" | base64 -d)
claim() { echo "$claims" | sed -n "s/.*\"$1\":\"*\([^\",}]*\).*/\1/p"; }

left=$(($(claim exp) - $(date +%s)))
[ -n "$(claim exp)" ] || fail "the token never expires"
[ "$left" -gt 0 ] || fail "the token expired $((-left)) s ago"
echo "$claims" | grep -qF "\"pod\":{\"name\":\"$this_pod\"" || fail "the token was not issued to this pod, $this_pod"
named=$(claim sub)
user=$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}') || fail "the API server refuses the token"
[ "$user" = "$named" ] || fail "the token names $named, the API server says $user"
pass "a token of $user, bound to this pod, good for another $((left / 60)) min"
