#!/bin/sh
# Checks that the validator's own ServiceAccount may do what it was granted, and that a ServiceAccount which was granted
# nothing may not. MAY lists the grants, "verb resource" separated by semicolons; by default everything (cluster-admin).
# Fails: a grant that is missing, or the namespace's `default` account may list Secrets.
# Skips: never.
. "${0%/*}/lib.sh"

# One answer of the API server's own authorizer: yes, no, or an error's text.
can() { kubectl auth can-i "$@" --all-namespaces 2>/dev/null || true; }

echo "${MAY:-* *}" | tr ';' '\n' >/tmp/grants
while read -r verb resource; do
  answer=$(can "$verb" "$resource")
  echo "this account may $verb $resource: $answer"
  [ "$answer" = yes ] || fail "this ServiceAccount may not $verb $resource"
done </tmp/grants

stranger=system:serviceaccount:$AICR_NAMESPACE:default
answer=$(can list secrets --as="$stranger")
echo "$stranger may list secrets: $answer"
[ "$answer" = no ] || fail "$stranger was granted nothing, but may list Secrets: '$answer'"
pass "granted rights work, and an account without them is refused"
