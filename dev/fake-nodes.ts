// KWOK's fake nodes. Their pods seem to run, but nothing runs. Only for a cluster without real nodes, because
// validators tolerate every taint and would be scheduled onto the fake nodes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Component } from './components.ts';
import { run, tryRun } from './exec.ts';
import type { Layout } from './native/layout.ts';

const API_VERSION = 'kwok.x-k8s.io/v1alpha1';
const POD = { apiGroup: 'v1', kind: 'Pod' };

/** The status that a pod gets as soon as it is on a node. KWOK does not end pods; the benchmark does. */
const RUNNING_STATUS = `{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
conditions:
{{ range $type := list "Initialized" "Ready" "ContainersReady" }}
- {type: {{ $type }}, status: "True", lastTransitionTime: {{ $now | Quote }}}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- {image: {{ .image | Quote }}, imageID: {{ .image | Quote }}, name: {{ .name | Quote }}, ready: true, restartCount: 0, state: {running: {startedAt: {{ $now | Quote }}}}}
{{ end }}
`;

function configOf(layout: Layout): object[] {
  return [
    {
      kind: 'KwokConfiguration',
      apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
      metadata: { name: 'kwok' },
      options: {
        manageAllNodes: true,
        nodeIP: '127.0.0.1',
        nodePort: layout.ports.kubelet,
        serverAddress: `127.0.0.1:${layout.ports.kubelet}`,
        tlsCertFile: layout.pki('server.crt'),
        tlsPrivateKeyFile: layout.pki('server.key'),
        podPlayStageParallelism: 16,
      },
    },
    stage('pod-running', { key: '.status.podIP', operator: 'DoesNotExist' }, { statusTemplate: RUNNING_STATUS }),
    stage(
      'pod-deleted',
      { key: '.metadata.deletionTimestamp', operator: 'Exists' },
      { finalizers: { empty: true }, delete: true },
    ),
    {
      kind: 'ClusterLogs',
      apiVersion: API_VERSION,
      metadata: { name: 'log' },
      spec: { logs: [{ logsFile: join(layout.stateDir, 'pod.log'), follow: false }] },
    },
  ];
}

function stage(name: string, when: { key: string; operator: string }, next: object): object {
  const alive = name === 'pod-deleted' ? [] : [{ key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }];
  const spec = { resourceRef: POD, selector: { matchExpressions: [...alive, when] }, next };
  return { kind: 'Stage', apiVersion: API_VERSION, metadata: { name }, spec };
}

export function writeKwokConfig(layout: Layout): void {
  // One line in the format of a container runtime.
  writeFileSync(join(layout.stateDir, 'pod.log'), '2026-01-01T00:00:00.000000000Z stdout F checked\n');
  writeFileSync(
    kwokConfigPath(layout),
    configOf(layout)
      .map((document) => stringify(document))
      .join('---\n'),
  );
}

function kwokConfigPath(layout: Layout): string {
  return join(layout.stateDir, 'kwok.yaml');
}

export function kwokComponent(layout: Layout, command: string): Component {
  return {
    name: 'kwok',
    command,
    args: ['--kubeconfig', layout.kubeconfig, '--config', kwokConfigPath(layout), '-v', 'WARN'],
    cwd: layout.stateDir,
    log: layout.log('kwok'),
  };
}

/** Creates the nodes that are missing. */
export async function ensureFakeNodes(layout: Layout, kubectl: string, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `${layout.name}-fake-${index}` },
    status: { allocatable: CAPACITY, capacity: CAPACITY },
  }));
  const list = stringify({ apiVersion: 'v1', kind: 'List', items });
  await run(kubectl, ['--kubeconfig', layout.kubeconfig, 'apply', '-f', '-'], { input: list });
}

const CAPACITY = { cpu: '1000', memory: '1Ti', pods: '10000' };

/** Whether at least this many nodes are ready and have no taints. */
export async function areNodesReady(layout: Layout, kubectl: string, count: number): Promise<boolean> {
  const jsonPath = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{.spec.taints[*].key}{"\\n"}{end}';
  const get = ['--kubeconfig', layout.kubeconfig, 'get', 'nodes', '-o', `jsonpath=${jsonPath}`];
  const { stdout } = await tryRun(kubectl, get);
  return stdout.split('\n').filter((line) => line === 'True').length >= count;
}
