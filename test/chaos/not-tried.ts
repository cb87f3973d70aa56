/** Faults that could not be produced here, each with the attempt that shows it. */
export const NOT_TRIED: readonly { fault: string; attempt: string }[] = [
  {
    fault: 'all workers gone for an hour',
    attempt:
      'for 75 s instead: past every heartbeat and every timeout of a short activity, so that an hour differs by nothing but waiting',
  },
  {
    fault: 'a power cut, which takes what was not yet on the disk from etcd and Temporal',
    attempt:
      'SIGKILL of both: the kernel keeps the pages that they wrote, so nothing is taken; etcd even runs without fsync here',
  },
  {
    fault: 'a network that is cut between nodes, and a node lost among others',
    attempt: '`kubectl get nodes` names one node: the local cluster has no other',
  },
  {
    fault: 'a clock that jumps',
    attempt: 'a time namespace (`unshare --time`) moves the monotonic clock only; the other is the whole machine’s',
  },
  {
    fault: 'a failover of Temporal’s database',
    attempt: 'the development server keeps its data in one SQLite file, which was stopped and killed with it',
  },
];
