// Keys and certificates of a native cluster: a certificate authority, the certificates of the API server and of the
// administrator, and the key that signs service account tokens. They are created once in a cluster's life.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../exec.ts';
import { removeTree, writeAtomically } from '../files.ts';
import type { Layout } from './layout.ts';

const VALID_DAYS = '3650';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Creates the keys and certificates unless they exist, and writes the kubeconfig. */
export async function ensurePki(layout: Layout): Promise<void> {
  const folder = join(layout.stateDir, 'pki');
  if (!existsSync(folder)) {
    const unfinished = `${folder}.new`;
    removeTree(unfinished);
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    await makePki(unfinished, layout);
    renameSync(unfinished, folder);
  }
  writeAtomically(layout.kubeconfig, kubeconfigOf(layout), 0o600);
}

async function makePki(folder: string, layout: Layout): Promise<void> {
  const openssl = (...args: string[]): Promise<string> => run('openssl', args, { cwd: folder });
  const authority = ['-keyout', 'ca.key', '-out', 'ca.crt', '-subj', `/CN=${layout.context}-ca`, '-days', VALID_DAYS];
  await openssl('req', '-x509', ...NEW_KEY, ...authority);
  await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', 'sa.key');
  await openssl('pkey', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  const sign = async (name: string, subject: string, extensions: string[]): Promise<void> => {
    await openssl('req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    writeFileSync(join(folder, `${name}.ext`), `${extensions.join('\n')}\n`);
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', VALID_DAYS, '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...by);
  };
  await sign('server', '/CN=kube-apiserver', [
    'extendedKeyUsage=serverAuth',
    `subjectAltName=${[
      ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => `DNS:${name}`),
      ...['127.0.0.1', layout.nodeIp, layout.serviceIp].map((address) => `IP:${address}`),
    ].join(',')}`,
  ]);
  await sign('admin', '/O=system:masters/CN=admin', ['extendedKeyUsage=clientAuth']);
}

function kubeconfigOf(layout: Layout): string {
  const data = (file: string): string => readFileSync(layout.pki(file)).toString('base64');
  const name = layout.context;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server: `https://127.0.0.1:${layout.ports.apiServer}`,
          'certificate-authority-data': data('ca.crt'),
        },
      },
    ],
    users: [{ name, user: { 'client-certificate-data': data('admin.crt'), 'client-key-data': data('admin.key') } }],
  });
}
