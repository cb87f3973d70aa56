#!/bin/sh
# Adds structured data to the report, besides its message: lines that start with a sentinel and hold one JSON object.
# Such lines are removed from the log; of several of a kind, the last one counts.
. "${0%/*}/lib.sh"

# EXTRA: names and values of your own, strings only. They become the test's `extra`.
echo '##AICR-EXTRA## {"gpus":"8","busBandwidth":"412 GB/s","note":"made up: this example measures nothing"}'

# PROVENANCE: which manifest really ran, if the shipped one was changed to fit the cluster. Both digests are required.
shipped=sha256:$(echo "the manifest as shipped" | sha256sum | cut -d' ' -f1)
derived=sha256:$(echo "the manifest as run here" | sha256sum | cut -d' ' -f1)
printf '##AICR-PROVENANCE## {"shippedDigest":"%s","derivedDigest":"%s","overriddenPaths":["spec.image"],"inheritedPaths":["spec.nodeSelector","spec.tolerations"]}\n' \
  "$shipped" "$derived"
pass "two sentinels printed: see the test's extra data in the report"
