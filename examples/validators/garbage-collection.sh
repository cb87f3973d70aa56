#!/bin/sh
# Checks that the controller manager's garbage collector works: deletes an object and waits until what it owned is gone.
# (Proctor's own cleanup depends on this.)
# Fails: the owned object is still there after MAX_SECONDS (30).
# Skips: never.
. "${0%/*}/lib.sh"

k() { kubectl -n "$AICR_NAMESPACE" "$@"; }
made=''
# shellcheck disable=SC2086 # a list of names
cleanup() { [ -z "$made" ] || k delete $made --ignore-not-found --wait=false; }
create() { # prints the new ConfigMap's name; the argument is its owner
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: garbage-\n  %s\n' "$1" | k create -o name -f -
}

owner=$(create "$(owned_by_this_pod)")
made=$owner
uid=$(k get "$owner" -o jsonpath='{.metadata.uid}')
owned=$(create "ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: ${owner#configmap/}, uid: $uid}]")
made="$owner $owned"

began=$(milliseconds)
k delete "$owner" --cascade=background
k wait --for=delete "$owned" --timeout="${MAX_SECONDS:-30}s" ||
  fail "$owned outlived its owner by ${MAX_SECONDS:-30} s: is the garbage collector at work?"
pass "an owned object was collected $(($(milliseconds) - began)) ms after its owner"
