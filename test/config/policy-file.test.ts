import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadPolicy, policyLine } from '../../src/config/policy-file.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'proctor-policy-')));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

it('allows little by default, and says in the log that nothing can run', () => {
  const policy = loadPolicy({});
  expect(policy).toMatchObject({ clusterRoles: [], imagePrefixes: ['*'], namespaces: ['aicr-validation'] });
  expect(policy.fileRoots).toEqual([realpathSync('examples')]);
  expect(policyLine(policy)).toContain('clusterRoles none');
  expect(policyLine(policy)).toContain('every run is refused: set PROCTOR_ALLOW_CLUSTER_ROLES');
});

it('reads a YAML or JSON file, and lets the environment replace single fields', () => {
  const yaml = file('policy.yaml', 'clusterRoles: [view]\nnamespaces: [a, b]\n');
  expect(loadPolicy({ PROCTOR_POLICY_FILE: yaml })).toMatchObject({ clusterRoles: ['view'], namespaces: ['a', 'b'] });
  const json = file('policy.json', '{"imagePrefixes": ["ghcr.io/x"]}');
  const policy = loadPolicy({
    PROCTOR_POLICY_FILE: json,
    PROCTOR_ALLOW_CLUSTER_ROLES: 'cluster-admin, view',
    PROCTOR_ALLOW_IMAGE_PREFIXES: '',
  });
  expect(policy).toMatchObject({ clusterRoles: ['cluster-admin', 'view'], imagePrefixes: [] });
  expect(loadPolicy({ PROCTOR_POLICY_FILE: file('empty.yaml', '# nothing\n') }).clusterRoles).toEqual([]);
});

it('resolves the symbolic links of folders', () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  expect(loadPolicy({ PROCTOR_ALLOW_FILE_ROOTS: join(folder, 'link') }).fileRoots).toEqual([join(folder, 'real')]);
});

it('refuses a policy with all of its faults', () => {
  const bad = file('bad.yaml', 'clusterRoles: cluster-admin\nimages: []\n');
  const load = () =>
    loadPolicy({
      PROCTOR_POLICY_FILE: bad,
      PROCTOR_ALLOW_NAMESPACES: 'ok,Not A Label',
      PROCTOR_ALLOW_FILE_ROOTS: join(folder, 'nowhere'),
    });
  expect(load).toThrow(
    new RegExp(
      `the policy has 4 faults:\\n.*${bad}\\.clusterRoles: must be a list.*\\n.*${bad}\\.images: is not a field.*\\n` +
        '.*PROCTOR_ALLOW_NAMESPACES\\[1\\]: must be a namespace.*\\n.*fileRoots: .*nowhere is not a folder',
    ),
  );
  expect(() => loadPolicy({ PROCTOR_POLICY_FILE: join(folder, 'missing.yaml') })).toThrow(/missing\.yaml: ENOENT/);
  expect(() => loadPolicy({ PROCTOR_POLICY_FILE: file('no.yaml', 'a: [') })).toThrow(/no\.yaml: /);
});
