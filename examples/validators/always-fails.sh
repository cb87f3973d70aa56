#!/bin/sh
# Always fails: what a failed test looks like.
. "${0%/*}/lib.sh"

echo "expected: a world in which this validator passes"
echo "found:    this world"
fail "fails on purpose: exit code 1"
