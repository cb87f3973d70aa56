/** Faults that could not be produced on the local stack, with the reason or with what was tried instead. */
export const NOT_TRIED: readonly { fault: string; attempt: string }[] = [
  {
    fault: 'all workers gone for an hour',
    attempt:
      'gone for 75 s instead: longer than every heartbeat and every timeout of a short activity, so an hour differs only in waiting',
  },
  {
    fault: 'a power cut, which loses what etcd and Temporal had not yet written to disk',
    attempt:
      'SIGKILL of both instead: the kernel keeps the pages that they wrote, so nothing is lost; etcd even runs without fsync here',
  },
  {
    fault: 'a network that is cut between nodes, and one node lost among several',
    attempt: '`kubectl get nodes` names one node: the local cluster has no other',
  },
  {
    fault: 'a clock that jumps',
    attempt:
      "a time namespace (`unshare --time`) moves the monotonic clock only; the other clock is the whole machine's",
  },
  {
    fault: "a failover of Temporal's database",
    attempt: 'the development server keeps its data in one SQLite file, which was stopped and killed with it',
  },
];
