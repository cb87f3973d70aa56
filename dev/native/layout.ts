// The paths, names and addresses of a native cluster on the machine, derived from the stack's slot and state directory.
import { join } from 'node:path';
import type { StackState } from '../state.ts';

export interface Layout {
  stateDir: string;
  name: string;
  ports: StackState['ports'];
  /** `proctor0`: the name of the bridge, the /run directory, the cgroup and the mark in iptables. */
  id: string;
  /** Sockets and mounts. A socket's path may have at most 108 bytes, so they are not in the state directory. */
  runDir: string;
  containerdSocket: string;
  nodeName: string;
  nodeIp: string;
  podSubnet: string;
  serviceSubnet: string;
  /** The address of the Service `kubernetes`. */
  serviceIp: string;
  context: string;
  kubeconfig: string;
  auditLog: string;
  pki(file: string): string;
  log(component: string): string;
}

export function layoutOf(stateDir: string, { name, slot, ports }: Pick<StackState, 'name' | 'slot' | 'ports'>): Layout {
  const id = `proctor${slot}`;
  return {
    stateDir,
    name,
    ports,
    id,
    runDir: `/run/${id}`,
    containerdSocket: `/run/${id}/containerd.sock`,
    nodeName: `${name}-node`,
    nodeIp: `10.${160 + slot}.0.1`,
    podSubnet: `10.${160 + slot}.0.0/16`,
    serviceSubnet: `10.${176 + slot}.0.0/16`,
    serviceIp: `10.${176 + slot}.0.1`,
    context: contextName(name),
    kubeconfig: join(stateDir, 'kubeconfig'),
    auditLog: join(stateDir, 'log', 'audit.log'),
    pki: (file) => join(stateDir, 'pki', file),
    log: (component) => join(stateDir, 'log', `${component}.log`),
  };
}

export function contextName(name: string): string {
  return name === 'proctor' ? name : `proctor-${name}`;
}
