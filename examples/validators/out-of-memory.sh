#!/bin/sh
# Takes more memory than its limit allows, and is killed by the kernel: "Container OOMKilled".
# exec: it is then the container's first process that is killed, which every runtime reports alike.
echo "taking memory until the kernel says no"
exec tail /dev/zero
