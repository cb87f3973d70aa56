/**
 * Each promise of `extractResult` and `handleTimeout`, on a real cluster. AICR's package `job` has functions of the
 * same names.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Ending } from '../../src/run/ending/ending.ts';
import type { ValidatorOutcome } from '../../src/run/ending/validator-outcome.ts';
import type { NamedUid, RunScope } from '../../src/run/scope.ts';
import { until } from './harness.ts';
import { container, PromisesSite } from './promises-site.ts';

let site: PromisesSite;

beforeAll(async () => {
  site = await PromisesSite.create();
});

const validator = { name: 'checks', phase: 'deployment' as const, timeout: '2m' };

/** Waits for the end of a Job. */
async function endingOf(run: RunScope, job: NamedUid): Promise<Ending> {
  const ending = await site.call('waitForCompletion', run, { job, timeout: '2m' });
  if (ending.kind === 'queue') throw new Error(`it waits in a queue: ${ending.evidence}`);
  return ending;
}

/** Reads the outcome of a Job, and its log as a report shows it. */
async function read(
  activity: 'extractResult' | 'handleTimeout',
  run: RunScope,
  job: NamedUid,
  ending: Ending,
): Promise<ValidatorOutcome & { stdout: string[] }> {
  const anchor = await site.anchorOf(run);
  const outcome = await site.call(activity, run, { anchor, job, ending, validator, startMs: Date.now() });
  const { report } = await site.call('writeReport', run, { phases: [{ phase: validator.phase, outcomes: [outcome] }] });
  return { ...outcome, stdout: report.results.tests[0]?.stdout ?? [] };
}

// These tests mostly wait, so they run at once.
describe.concurrent('the result of a Job', () => {
  describe('extractResult', () => {
    const say = (word: string) => `echo ${word}; echo ${word} > /dev/termination-log`;

    it('reads the container named validator, whatever sidecars run beside it', async () => {
      const run = site.run();
      const job = await site.createJob(run, {
        // Like a service mesh and a log shipper: one is a sidecar by Kubernetes' own definition, the other a plain
        // container that comes before the validator's.
        initContainers: [
          { ...container('mesh', `${say('mesh')}; trap 'exit 0' TERM; sleep 600 & wait`), restartPolicy: 'Always' },
        ],
        containers: [
          container('shipper', `${say('shipper')}; sleep 2; exit 0`),
          container('validator', `${say('own')}; exit 1`),
        ],
      });
      const ending = await endingOf(run, job);
      // If a sidecar takes long to end, the wait returns after the validator's own end.
      expect(['terminal', 'done']).toContain(ending.kind);
      // The result must not depend on what the wait saw.
      for (const seen of [ending, { ...ending, pod: undefined }] as Ending[]) {
        expect(await read('extractResult', run, job, seen)).toMatchObject({
          status: 'failed',
          exitCode: 1,
          message: 'own\n',
          stdout: ['own'],
        });
      }
    });

    it('gives no other container’s result if none is named validator', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('main', `${say('main')}; exit 0`)] });
      const ending = await endingOf(run, job);
      expect(ending).toMatchObject({ kind: 'terminal', condition: { type: 'Complete' } });
      expect(await read('extractResult', run, job, ending)).toMatchObject({
        status: 'other',
        exitCode: -1,
        message: 'container "validator" not found (validator package contract)',
        stdout: [],
      });
    });

    it.each([
      ['exit 0', 0, 'passed'],
      ['exit 2', 2, 'skipped'],
      ['exit 42', 42, 'other'],
      ['exit 137', 137, 'other'],
    ])('returns a result for a container that ends with %s', async (script, exitCode, status) => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', `echo said; ${script}`)] });
      const ending = await endingOf(run, job);
      expect(await read('extractResult', run, job, ending)).toMatchObject({ exitCode, status, stdout: ['said'] });
    });
  });

  describe('handleTimeout', () => {
    it('extracts the log so far of a validator that still runs', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'echo so far; sleep 600')] });
      await site.logged(job, 'so far');
      expect(await read('handleTimeout', run, job, { kind: 'timeout', started: true })).toMatchObject({
        status: 'other',
        exitCode: -1,
        message: 'timeout: validator did not complete within 2m0s',
        stdout: ['so far'],
      });
      await site.call('cleanupJob', run, { job });
    });

    it('uses the exit code of a validator that has ended while a sidecar still runs', async () => {
      const run = site.run();
      const job = await site.createJob(run, {
        containers: [container('validator', 'echo done; exit 1'), container('shipper', 'sleep 600')],
      });
      await until('the validator has ended', async () => {
        const [pod] = await site.podsOf(job);
        const statuses = pod?.status?.containerStatuses as { name: string; state: object }[] | undefined;
        return statuses?.some(({ name, state }) => name === 'validator' && 'terminated' in state);
      });
      expect(await read('handleTimeout', run, job, { kind: 'timeout', started: true })).toMatchObject({
        status: 'failed',
        exitCode: 1,
        stdout: ['done'],
      });
      await site.call('cleanupJob', run, { job });
    });

    it('reports that a pod never ran', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'exit 0')] }, { suspend: true });
      expect(await read('handleTimeout', run, job, { kind: 'timeout', started: false })).toMatchObject({
        status: 'other',
        message: 'pod never reached running state',
        stdout: [],
      });
      await site.call('cleanupJob', run, { job });
    });
  });
});
