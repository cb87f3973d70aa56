#!/bin/sh
# Always skips: what a test that does not apply to this cluster looks like.
. "${0%/*}/lib.sh"

skip "skips on purpose: exit code 2"
