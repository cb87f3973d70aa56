#!/bin/sh
# Checks that the run's two inputs, the cluster snapshot and the validation, are where the contract says, and that they
# are readable and not writable.
# Fails: a file that is missing or cannot be read, or a folder that can be written to.
# Skips: the run gave no snapshot or no validation (an empty file).
. "${0%/*}/lib.sh"

empty=''
for file in "$AICR_SNAPSHOT_PATH" "$AICR_VALIDATION_PATH"; do
  [ -f "$file" ] || fail "$file is missing"
  bytes=$(wc -c <"$file") || fail "$file cannot be read"
  echo "$file: $bytes bytes"
  if touch "${file%/*}/probe" 2>/dev/null; then fail "${file%/*} can be written to"; fi
  [ "$bytes" -gt 0 ] || empty="$empty ${file##*/}"
done
[ -z "$empty" ] || skip "the run was given an empty$empty"
pass "snapshot and validation are mounted, readable and read-only"
