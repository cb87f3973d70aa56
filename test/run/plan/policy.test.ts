import { expect, it } from 'vitest';
import { type Claim, DEFAULT_POLICY, excess } from '../../../src/run/plan/policy.ts';
import { checkPolicy } from '../../../src/run/plan/policy-schema.ts';

const image = (value: string): Claim => ({ of: 'image', value, path: 'image' });
const allows = (imagePrefixes: string[], value: string) =>
  excess({ ...DEFAULT_POLICY, imagePrefixes }, [image(value)]).length === 0;

it('allows no ClusterRole by default, and no namespace but AICR’s', () => {
  const role = (value: string): Claim => ({ of: 'clusterRole', value, path: 'role' });
  const namespace = (value: string): Claim => ({ of: 'namespace', value, path: 'namespace' });
  const claims = [role('cluster-admin'), role('view'), namespace('kube-system'), namespace('aicr-validation')];
  expect(excess(DEFAULT_POLICY, claims).map(({ message }) => message.split(' is ')[0])).toEqual([
    '"cluster-admin"',
    '"view"',
    '"kube-system"',
  ]);
  expect(excess({ ...DEFAULT_POLICY, clusterRoles: ['*'] }, [role('anything')])).toEqual([]);
});

it.each([
  ['ghcr.io/nvidia', 'ghcr.io/nvidia/a:1', true],
  ['ghcr.io/nvidia/', 'ghcr.io/nvidia/a:1', true],
  ['ghcr.io/nvidia/a', 'ghcr.io/nvidia/a:1', true],
  ['ghcr.io/nvidia/a', 'ghcr.io/nvidia/a@sha256:0', true],
  ['ghcr.io/nvidia/a:1', 'ghcr.io/nvidia/a:1', true],
  ['ghcr.io/nvidia', 'ghcr.io/nvidia-fake/a:1', false],
  ['ghcr.io/nvidia/a:1', 'ghcr.io/nvidia/a:12', false],
  ['ghcr.io', 'ghcr.io.evil.example/a:1', false],
  ['ghcr.io/nvidia', 'docker.io/ghcr.io/nvidia/a:1', false],
  ['ghcr.io/nvidia/', 'evil.example/ghcr.io/nvidia/a:1', false],
  ['*', 'anything', true],
])('with the prefix %s, allows the image %s: %s', (prefix, value, expected) => {
  expect(allows([prefix], value)).toBe(expected);
});

it('allows nothing if the list is empty', () => expect(allows([], 'img')).toBe(false));

it('shows only the beginning of a long list of what is allowed', () => {
  const clusterRoles = Array.from({ length: 1000 }, (_, i) => `role-${i}`);
  const messageFor = (roles: string[]) =>
    excess({ ...DEFAULT_POLICY, clusterRoles: roles }, [{ of: 'clusterRole', value: 'x', path: 'p' }])[0]?.message;
  const ten = clusterRoles.slice(0, 10).join(', ');
  expect(messageFor(clusterRoles)).toContain(`clusterRoles is ${ten}, … (`);
  expect(messageFor(clusterRoles.slice(0, 11))).toContain(`clusterRoles is ${ten}, … (`);
  expect(messageFor(clusterRoles.slice(0, 10))).toContain(`clusterRoles is ${ten} (`);
  expect(messageFor([])).toContain('clusterRoles is empty (');
});

it('finds every fault of a policy', () => {
  const document = { clusterRoles: 'cluster-admin', namespaces: ['Upper'], imagePrefixes: [''], images: [] };
  expect(checkPolicy(document, 'policy').map(({ path }) => path)).toEqual([
    'policy.clusterRoles',
    'policy.imagePrefixes[0]',
    'policy.namespaces[0]',
    'policy.images',
  ]);
  expect(checkPolicy(DEFAULT_POLICY, 'policy')).toEqual([]);
});
