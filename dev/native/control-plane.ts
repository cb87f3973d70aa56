// The command lines of etcd, API server, controller manager and scheduler, and the checks of their readiness.
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Component } from '../components.ts';
import type { Layout } from './layout.ts';

const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Tests count the writes to Jobs in the audit log, so no entry may be lost or late. With `blocking-strict` the API
 * server logs each request before it handles it. Creations are logged with their bodies, because a Job's name does not
 * show its attempt.
 */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [
    { level: 'RequestResponse', verbs: ['create', 'patch'], resources: [{ group: 'batch', resources: ['jobs'] }] },
    {
      level: 'Metadata',
      verbs: ['update', 'delete', 'deletecollection'],
      resources: [{ group: 'batch', resources: ['jobs'] }],
    },
    { level: 'None' },
  ],
};

function auditPolicyPath(layout: Layout): string {
  return join(layout.stateDir, 'audit-policy.yaml');
}

export function writeControlPlaneConfig(layout: Layout): void {
  writeFileSync(auditPolicyPath(layout), stringify(AUDIT_POLICY));
}

function etcdUrl(layout: Layout): string {
  return `http://127.0.0.1:${layout.ports.etcd}`;
}

export function etcdComponent(layout: Layout, command: string): Component {
  const peerUrl = `http://127.0.0.1:${layout.ports.etcdPeer}`;
  return {
    name: 'etcd',
    command,
    args: [
      ...['--data-dir', join(layout.stateDir, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
      ...['--listen-client-urls', etcdUrl(layout), '--advertise-client-urls', etcdUrl(layout)],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `default=${peerUrl}`],
    ],
    cwd: layout.stateDir,
    log: layout.log('etcd'),
  };
}

export function apiServerComponent(layout: Layout, command: string): Component {
  const { pki } = layout;
  return {
    name: 'kube-apiserver',
    command,
    args: [
      ...['--etcd-servers', etcdUrl(layout)],
      ...['--bind-address', '0.0.0.0', '--secure-port', String(layout.ports.apiServer)],
      ...['--advertise-address', layout.nodeIp, '--endpoint-reconciler-type', 'none'],
      ...['--service-cluster-ip-range', layout.serviceSubnet],
      ...['--service-account-issuer', 'https://kubernetes.default.svc'],
      ...['--service-account-key-file', pki('sa.pub'), '--service-account-signing-key-file', pki('sa.key')],
      ...['--client-ca-file', pki('ca.crt')],
      ...['--tls-cert-file', pki('server.crt'), '--tls-private-key-file', pki('server.key')],
      // The node's name cannot be resolved, so requests for pod logs must use its address.
      ...['--kubelet-preferred-address-types', 'InternalIP'],
      ...['--kubelet-client-certificate', pki('admin.crt'), '--kubelet-client-key', pki('admin.key')],
      ...['--authorization-mode', 'Node,RBAC', '--allow-privileged=true'],
      ...['--audit-policy-file', auditPolicyPath(layout), '--audit-log-path', layout.auditLog],
      '--audit-log-mode=blocking-strict',
    ],
    cwd: layout.stateDir,
    log: layout.log('kube-apiserver'),
  };
}

export function controllerManagerComponent(layout: Layout, command: string): Component {
  const { pki } = layout;
  return {
    name: 'kube-controller-manager',
    command,
    args: [
      ...['--kubeconfig', layout.kubeconfig, '--leader-elect=false'],
      ...['--bind-address', '127.0.0.1', '--secure-port', String(layout.ports.controllerManager)],
      ...['--service-account-private-key-file', pki('sa.key'), '--use-service-account-credentials=true'],
      ...['--root-ca-file', pki('ca.crt')],
      ...['--cluster-signing-cert-file', pki('ca.crt'), '--cluster-signing-key-file', pki('ca.key')],
      ...['--cert-dir', join(layout.stateDir, 'certificates')],
    ],
    cwd: layout.stateDir,
    log: layout.log('kube-controller-manager'),
  };
}

export function schedulerComponent(layout: Layout, command: string): Component {
  return {
    name: 'kube-scheduler',
    command,
    args: [
      ...['--kubeconfig', layout.kubeconfig, '--leader-elect=false'],
      ...['--bind-address', '127.0.0.1', '--secure-port', String(layout.ports.scheduler)],
      ...['--cert-dir', join(layout.stateDir, 'certificates')],
    ],
    cwd: layout.stateDir,
    log: layout.log('kube-scheduler'),
  };
}

interface Answer {
  status: number;
  body: string;
}

/** Sends one GET. Undefined if there is no answer. */
function get(url: string, options: RequestOptions = {}): Promise<Answer | undefined> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const call = request(url, { ...options, timeout: REQUEST_TIMEOUT_MS, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', () => resolve(undefined));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
    call.end();
  });
}

function getFromApiServer(layout: Layout, path: string): Promise<Answer | undefined> {
  const { pki, ports } = layout;
  const credentials = {
    ca: readFileSync(pki('ca.crt')),
    cert: readFileSync(pki('admin.crt')),
    key: readFileSync(pki('admin.key')),
  };
  return get(`https://127.0.0.1:${ports.apiServer}${path}`, credentials);
}

export async function isEtcdReady(layout: Layout): Promise<boolean> {
  return (await get(`${etcdUrl(layout)}/health`))?.body.includes('"true"') ?? false;
}

export async function isApiServerReady(layout: Layout): Promise<boolean> {
  return (await getFromApiServer(layout, '/readyz'))?.status === 200;
}

export async function isControllerManagerReady(layout: Layout): Promise<boolean> {
  return isHealthy(layout.ports.controllerManager);
}

export async function isSchedulerReady(layout: Layout): Promise<boolean> {
  return isHealthy(layout.ports.scheduler);
}

/** The controller manager and the scheduler have self-signed certificates. */
async function isHealthy(port: number): Promise<boolean> {
  return (await get(`https://127.0.0.1:${port}/healthz`, { rejectUnauthorized: false }))?.status === 200;
}

export async function isKubeletHealthy(layout: Layout): Promise<boolean> {
  return (await get(`http://127.0.0.1:${layout.ports.kubeletHealth}/healthz`))?.status === 200;
}

interface NodeObject {
  spec?: { taints?: Array<{ key: string }> };
  status?: { conditions?: Array<{ type: string; status: string }> };
}

/** Whether the node is ready and accepts pods. */
export async function isNodeReady(layout: Layout): Promise<boolean> {
  const answer = await getFromApiServer(layout, `/api/v1/nodes/${layout.nodeName}`);
  if (answer?.status !== 200) return false;
  const node = JSON.parse(answer.body) as NodeObject;
  const isReady = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return isReady && !node.spec?.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/'));
}

/** Whether pods can be created in the namespace `default`, which needs its ServiceAccount. */
export async function hasDefaultServiceAccount(layout: Layout): Promise<boolean> {
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  return (await getFromApiServer(layout, path))?.status === 200;
}
