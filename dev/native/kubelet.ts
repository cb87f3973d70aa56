// The kubelet. It has its own cgroup, so that several can run on one machine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Component } from '../components.ts';
import { cgroupFolders } from './cgroups.ts';
import type { Layout } from './layout.ts';

function configPath(layout: Layout): string {
  return join(layout.stateDir, 'kubelet.yaml');
}

export function podLogsDir(layout: Layout): string {
  return join(layout.stateDir, 'pod-logs');
}

export function writeKubeletConfig(layout: Layout): void {
  // The kubelet does not start if its cgroup is missing.
  for (const folder of cgroupFolders(layout.id)) mkdirSync(folder, { recursive: true });
  writeFileSync(configPath(layout), stringify(kubeletConfig(layout)));
}

function kubeletConfig(layout: Layout): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: layout.pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    address: layout.nodeIp,
    port: layout.ports.kubelet,
    healthzPort: layout.ports.kubeletHealth,
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${layout.id}`,
    podLogsDir: podLogsDir(layout),
    failSwapOn: false,
    resolvConf: '/etc/resolv.conf',
    clusterDomain: 'cluster.local',
    clusterDNS: [layout.serviceIp.replace(/\.1$/, '.10')],
    oomScoreAdj: 0,
    // The kubelet must not change the machine's iptables.
    makeIPTablesUtilChains: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    maxPods: 250,
    serializeImagePulls: false,
    registryPullQPS: 0,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 200,
    eventBurst: 400,
    syncFrequency: '10s',
    nodeStatusUpdateFrequency: '4s',
  };
}

export function kubeletComponent(layout: Layout, command: string): Component {
  return {
    name: 'kubelet',
    command,
    args: [
      ...['--kubeconfig', layout.kubeconfig, '--config', configPath(layout)],
      ...['--root-dir', join(layout.stateDir, 'kubelet'), '--cert-dir', join(layout.stateDir, 'certificates')],
      ...['--hostname-override', layout.nodeName, '--node-ip', layout.nodeIp],
    ],
    cwd: layout.stateDir,
    log: layout.log('kubelet'),
  };
}
