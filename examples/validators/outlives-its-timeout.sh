#!/bin/sh
# Does not end by itself. A validator gets the catalog's timeout as AICR_CHECK_TIMEOUT, and a good one ends in time,
# with a message of its own. This one does not, so Proctor deletes its Job 2 min 30 s after the timeout.
echo "timeout: ${AICR_CHECK_TIMEOUT:-unknown}; sleeping for a day all the same"
# A shell that is process 1 ignores SIGTERM without a trap, and a trap waits for the command in the foreground: hence
# the trap, and the & with wait. Without them the pod would use its whole grace period (30 s) to terminate.
trap 'exit 143' TERM
sleep 86400 &
wait
