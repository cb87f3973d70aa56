#!/bin/sh
# Uses more memory than its limit allows, and is killed by the kernel: "Container OOMKilled".
# exec makes the container's first process the one that is killed, which every runtime reports in the same way.
echo "taking memory until the kernel says no"
exec tail /dev/zero
