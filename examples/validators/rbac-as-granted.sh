#!/bin/sh
# Checks that the validator's own ServiceAccount may do what it was granted, and that a ServiceAccount which was granted
# nothing may not. MAY lists the grants, "verb resource" separated by semicolons; by default everything (cluster-admin).
# Fails: a grant that is missing, or the namespace's `default` account may list Secrets.
# Skips: never.
. "${0%/*}/lib.sh"

echo "${MAY:-* *}" | tr ';' '\n' >/tmp/grants
while read -r verb resource; do
  # The answer is in the output, yes or no; a no is also an exit code of 1, which is no reason to stop here.
  answer=$(kubectl auth can-i "$verb" "$resource" --all-namespaces) || true
  echo "this account may $verb $resource: $answer"
  [ "$answer" = yes ] || fail "this ServiceAccount may not $verb $resource"
done </tmp/grants

# What another account may do is asked with a SubjectAccessReview, written out here for want of a kubectl command.
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
