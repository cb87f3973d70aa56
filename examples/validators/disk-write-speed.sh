#!/bin/sh
# Measures how fast the node's disk writes and syncs MEGABYTES (32) of data, in FOLDER (/tmp).
# Fails: slower than MIN_MB_PER_SECOND (10), or the data cannot be written.
# Skips: never.
. "${0%/*}/lib.sh"

size=${MEGABYTES:-32}
file=${FOLDER:-/tmp}/disk-write-speed
cleanup() { rm -f "$file"; }

began=$(milliseconds)
dd if=/dev/zero of="$file" bs=1M count="$size" conv=fsync || fail "cannot write $size MB to ${FOLDER:-/tmp}"
took=$(($(milliseconds) - began + 1)) # never zero
speed=$((size * 1000 / took))
[ "$speed" -ge "${MIN_MB_PER_SECOND:-10}" ] || fail "$speed MB/s, less than ${MIN_MB_PER_SECOND:-10} MB/s"
pass "$speed MB/s ($size MB in $took ms)"
