import { describe, expect, it } from 'vitest';
import type { ValidatorEntry } from '../../../src/aicr/catalog/catalog.ts';
import {
  dependencyPods,
  dependencyWarnings,
  selectorProblem,
  selectorText,
} from '../../../src/aicr/job/dependency-pods.ts';

const entry = (name: string, ...dependencyAffinity: ValidatorEntry['dependencyAffinity'] & object): ValidatorEntry => ({
  name,
  phase: 'deployment',
  description: '',
  image: 'x',
  timeout: '',
  dependencyAffinity,
});
const near = (componentRef: string, podLabelSelector: Record<string, string>, requirement?: string) => ({
  componentRef,
  podLabelSelector,
  ...(requirement && { requirement }),
});
const components = [
  { name: 'prometheus', namespace: 'monitoring' },
  { name: 'operator', namespace: 'gpu' },
];

describe('dependencyPods', () => {
  it('lists the pods of each dependency in the recipe, required ones first', () => {
    const entries = [
      entry('a', near('prometheus', { app: 'p' }), near('operator', { app: 'o' }, 'required')),
      entry('b', near('gone', { app: 'g' })),
      { name: 'c', phase: 'deployment', description: '', image: 'x', timeout: '' },
    ];
    expect(dependencyPods(entries, components)).toEqual([
      { namespace: 'gpu', labels: { app: 'o' }, validators: ['a'] },
      { namespace: 'monitoring', labels: { app: 'p' }, validators: ['a'] },
    ]);
  });

  it('lists a selector once for all validators, whatever the order of its labels', () => {
    const entries = [
      entry('a', near('prometheus', { app: 'p', tier: 't' }), near('prometheus', { tier: 't', app: 'p' })),
      entry('b', near('prometheus', { tier: 't', app: 'p' })),
      entry('c', near('operator', { app: 'p', tier: 't' })),
    ];
    expect(dependencyPods(entries, components)).toEqual([
      { namespace: 'monitoring', labels: { app: 'p', tier: 't' }, validators: ['a', 'b'] },
      { namespace: 'gpu', labels: { app: 'p', tier: 't' }, validators: ['c'] },
    ]);
  });
});

it('writes a selector with its labels ordered by bytes', () => {
  expect(selectorText({ b: '2', a: '', Z: '1' })).toBe('Z=1,a=,b=2');
});

describe('a warning', () => {
  const pods = { namespace: 'monitoring', labels: { app: 'p' }, validators: ['a', 'b'] };

  it('is absent if a pod matches', () => {
    expect(dependencyWarnings(pods, { matches: true })).toEqual([]);
  });

  it('says in AICR’s words, for each validator, that no pod matches', () => {
    const text =
      'dependencyAffinity selector matched zero pods at deploy time; affinity term will be a no-op until matching pods appear' +
      ' namespace="monitoring" reason="zero-match" selector="app=p"';
    expect(dependencyWarnings(pods, { matches: false })).toEqual([`validator a: ${text}`, `validator b: ${text}`]);
  });

  it('says why the lookup failed', () => {
    expect(dependencyWarnings({ ...pods, validators: ['a'] }, { failed: 'forbidden' })).toEqual([
      'validator a: dependencyAffinity selector lookup failed; affinity may not behave as intended' +
        ' error="forbidden" namespace="monitoring" reason="lookup-failed" selector="app=p"',
    ]);
  });

  it('says that a selector is malformed, whatever the lookup found', () => {
    for (const looked of [{ matches: true }, { failed: 'x' }])
      expect(dependencyWarnings({ ...pods, labels: { app: 'p q' }, validators: ['a'] }, looked)).toEqual([
        'validator a: dependencyAffinity selector is malformed; skipping lookup' +
          ' error="\\"p q\\" is not a value of label app" namespace="" reason="malformed-selector" selector=""',
      ]);
  });
});

it.each([
  { app: '' },
  { app: 'a' },
  { 'app.kubernetes.io/name': 'Prometheus_1.2-x' },
  { a: 'x'.repeat(63) },
  { ['a'.repeat(63)]: 'x' },
  { [`${'a'.repeat(253)}/b`]: 'x' },
  { '1.a-b.c/D_e': '9' },
])('accepts %j as a selector', (labels) => expect(selectorProblem(labels)).toBeUndefined());

it.each([
  { app: ' ' },
  { app: 'a,b=c' },
  { app: '-a' },
  { app: 'a.' },
  { app: 'x'.repeat(64) },
  { good: 'a', bad: 'ä' },
])('refuses the label value in %j', (labels) => expect(selectorProblem(labels)).toContain('is not a value of label'));

it.each([
  '',
  'a b',
  '-a',
  'a_',
  '/a',
  'a/',
  'a/b/c',
  'A/b',
  'a..b/c',
  'a.-b/c',
  'a-.b/c',
  '-a/c',
  'a-/c',
  'a.b-/c',
  'a_b/c',
  'a'.repeat(64),
  `${'a'.repeat(254)}/b`,
])('refuses %j as a label name', (key) => {
  expect(selectorProblem({ [key]: 'a' })).toBe(`${JSON.stringify(key)} is not a label's name`);
});
