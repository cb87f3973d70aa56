#!/bin/sh
# Takes more memory than its limit allows, and is killed by the kernel: "Container OOMKilled".
# exec: the container's first process itself has to be the one that is killed, or the kubelet sees only its exit code.
echo "taking memory until the kernel says no"
exec tail /dev/zero
