import { expect, it } from 'vitest';
import { exclusiveClasses } from '../../../src/run/plan/exclusive-classes.ts';

const entry = (name: string, phase: string) => ({ name, phase, image: 'img:1' });

it('gives a validator the whole cluster outside the deployment phase, unless its entry says otherwise', () => {
  const classes = (phase: 'deployment' | 'conformance', exclusive?: string[]) =>
    exclusiveClasses({ ...entry('x', phase), phase, description: '', timeout: '', ...(exclusive && { exclusive }) });
  expect(classes('deployment')).toEqual([]);
  expect(classes('conformance')).toEqual(['cluster']);
  expect(classes('conformance', [])).toEqual([]);
  expect(classes('deployment', ['gpu'])).toEqual(['gpu']);
});
