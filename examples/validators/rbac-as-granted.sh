#!/bin/sh
# Checks that the validator's own ServiceAccount has the permissions that it was granted, and that a ServiceAccount
# without grants has not. MAY lists the grants, "verb resource" separated by semicolons; default: all (cluster-admin).
# Fails: a grant is missing, or the namespace's `default` account may list Secrets.
# Skips: never.
. "${0%/*}/lib.sh"

echo "${MAY:-* *}" | tr ';' '\n' >/tmp/grants
while read -r verb resource; do
  # The output is yes or no. A no also makes the exit code 1, which must not end the script here.
  answer=$(kubectl auth can-i "$verb" "$resource" --all-namespaces) || true
  echo "this account may $verb $resource: $answer"
  [ "$answer" = yes ] || fail "this ServiceAccount may not $verb $resource"
done </tmp/grants

# A SubjectAccessReview says what another account may do. kubectl has no command for it, so it is written out here.
groups="[system:authenticated, system:serviceaccounts, system:serviceaccounts:$AICR_NAMESPACE]"
stranger=system:serviceaccount:$AICR_NAMESPACE:default
answer=$(kubectl create -o jsonpath='{.status.allowed}' -f - <<END
apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec: {user: $stranger, groups: $groups, resourceAttributes: {verb: list, resource: secrets}}
END
)
echo "$stranger may list secrets: $answer"
[ "$answer" != true ] || fail "$stranger was granted nothing, but may list Secrets"
pass "granted rights work, and an account without them is refused"
