#!/bin/sh
# Does not end by itself. The catalog's timeout is handed to a validator as AICR_CHECK_TIMEOUT, and a good one ends in time
# by itself, with a message of its own. This one does not, so its Job is ended from outside, 2 min 30 s after the timeout.
echo "timeout: ${AICR_CHECK_TIMEOUT:-unknown}; sleeping for a day all the same"
# A shell that is process 1 ignores SIGTERM unless it says otherwise, and traps wait for the command in the foreground:
# hence the trap, and the & with wait. Without them the pod would take its whole grace period (30 s) to go.
trap 'exit 143' TERM
sleep 86400 &
wait
