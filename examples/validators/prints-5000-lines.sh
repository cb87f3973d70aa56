#!/bin/sh
# Prints 5,000 lines: the report keeps the last 1,000, each of at most 512 bytes. The last but one is longer than that.
. "${0%/*}/lib.sh"

seq 1 4998 | sed 's/.*/line & of 5000/'
yes 0123456789abcdef | head -n 64 | tr -d '\n'
echo
pass "printed 5000 lines; the report keeps the last 1000"
