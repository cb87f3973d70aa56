import { expect, it } from 'vitest';
import { trimPod } from '../../../src/cluster/watch/trim.ts';
import type { Container } from '../../../src/kubernetes/types.ts';

const container = (name: string, limits: Record<string, string>): Container => ({
  name,
  image: `${name}@sha256:0`,
  args: ['-v'],
  env: [{ name: 'A', value: 'b' }],
  resources: { limits, requests: limits },
});

it('keeps the node, the images and the limits of local storage of a pod’s spec', () => {
  const { spec } = trimPod({
    metadata: { name: 'p' },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'validator',
      containers: [
        container('validator', { cpu: '1', 'ephemeral-storage': '1Gi' }),
        container('sidecar', { cpu: '1' }),
      ],
      initContainers: [container('first', { cpu: '1' }), container('proxy', { 'ephemeral-storage': '2Gi' })],
      volumes: [
        { name: 'data', configMap: { name: 'data' } },
        { name: 'scratch', emptyDir: { sizeLimit: '1Mi' } },
      ],
    },
  });
  expect(spec).toStrictEqual({
    nodeName: 'node-1',
    containers: [
      { name: 'validator', image: 'validator@sha256:0', resources: { limits: { 'ephemeral-storage': '1Gi' } } },
      { name: 'sidecar', image: 'sidecar@sha256:0' },
    ],
    initContainers: [{ name: 'proxy', image: 'proxy@sha256:0', resources: { limits: { 'ephemeral-storage': '2Gi' } } }],
    volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
  });
});

it('keeps only the images of a spec without node and limits', () => {
  const { spec } = trimPod({ metadata: { name: 'p' }, spec: { containers: [container('validator', {})] } });
  expect(spec).toStrictEqual({ containers: [{ name: 'validator', image: 'validator@sha256:0' }] });
  expect(trimPod({ metadata: { name: 'p' } }).spec).toStrictEqual({ containers: [] });
});
