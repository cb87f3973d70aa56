#!/bin/sh
# Prints 5,000 lines. The report keeps the last 1,000, with at most 512 bytes of each; the last but one is longer.
. "${0%/*}/lib.sh"

seq 1 4998 | sed 's/.*/line & of 5000/'
yes 0123456789abcdef | head -n 64 | tr -d '\n'
echo
pass "printed 5000 lines; the report keeps the last 1000"
