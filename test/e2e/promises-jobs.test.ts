/**
 * Each promise of the activities that deploy, await, delete and keep Jobs, on a real cluster. AICR's package `job` has
 * functions of the same names, except for `keepJob`.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import { FIELD_MANAGER } from '../../src/aicr/constants.ts';
import { jobName, jobNameSuffix } from '../../src/aicr/job/names.ts';
import type { NamedUid, RunScope } from '../../src/run/scope.ts';
import { kubectl, stack, until } from './harness.ts';
import { appliedBy, container, PromisesSite } from './promises-site.ts';

let site: PromisesSite;

beforeAll(async () => {
  site = await PromisesSite.create();
});

const entry = { name: 'checks', phase: 'deployment' as const, description: '', timeout: '2m' };

// These tests mostly wait, so they run at once.
describe.concurrent('the activities of a Job', () => {
  describe('deployJob and jobName', () => {
    it('applies the Job with AICR’s field manager, under a name derived from run, validator and attempt', async () => {
      const run = site.run();
      const anchor = await site.anchorOf(run);
      const deploy = (attempt: number) =>
        site.call('deployJob', run, {
          anchor,
          entry: { ...entry, image: stack.image, args: ['-c', 'exit 0'] },
          settings: {},
          attempt,
        });
      const job = await deploy(1);
      const suffix = jobNameSuffix({ runId: run.runId, validator: entry.name, attempt: 1 });
      expect(job.name).toBe(jobName(entry.name, suffix));
      const found = await site.find('job', job.name);
      expect(found?.metadata.uid).toBe(job.uid);
      expect(appliedBy(found)).toEqual([FIELD_MANAGER]);
      const next = await deploy(2);
      expect(next.name).not.toBe(job.name);
      for (const made of [job, next]) await site.call('cleanupJob', run, { job: made });
    });
  });

  describe('waitForCompletion', () => {
    it.each([
      ['Complete', 'exit 0'],
      ['Failed', 'exit 1'],
    ])('returns without an error for a Job that is %s', async (type, script) => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', script)] });
      const ending = await site.call('waitForCompletion', run, { job, timeout: '2m' });
      expect(ending).toMatchObject({ kind: 'terminal', condition: { type, status: 'True' } });
    });

    it('returns a timeout when the time is over, for handleTimeout to read', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'sleep 600')] });
      await until('the pod runs', async () => (await site.podsOf(job))[0]?.status?.phase === 'Running');
      // A negative timeout, as of a Job that should have ended long ago, still waits AICR's minimum of 30 seconds.
      const ending = await site.call('waitForCompletion', run, { job, timeout: '-3m' });
      expect(ending).toMatchObject({ kind: 'timeout', started: true });
      await site.call('cleanupJob', run, { job });
    });

    it('reports that the Job was deleted while it waited', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'sleep 600')] });
      const waiting = site.call('waitForCompletion', run, { job, timeout: '2m' });
      await until('the pod runs', async () => (await site.podsOf(job))[0]?.status?.phase === 'Running');
      await kubectl('delete', 'job', job.name, '-n', site.namespace, '--wait=false', '--cascade=background');
      expect(await waiting).toMatchObject({ kind: 'job-gone' });
    });
  });

  describe('cleanupJob and waitForPodTermination', () => {
    const script = 'trap "exit 0" TERM; echo ready; sleep 600 & wait';

    /**
     * Holds a pod with a finalizer. @returns a function that removes all finalizers. Kubernetes' own one must go too,
     * because its Job removes it only while the Job exists.
     */
    async function hold(pod: string): Promise<() => Promise<unknown>> {
      const where = ['patch', 'pod', pod, '-n', site.namespace, '--type=merge', '-p'];
      await kubectl(...where, '{"metadata":{"finalizers":["batch.kubernetes.io/job-tracking","test/held"]}}');
      return () => kubectl(...where, '{"metadata":{"finalizers":[]}}');
    }

    it('cleanupJob deletes in the foreground, so that the Job stays until its pod is gone and the wait ends', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', script)] });
      await site.logged(job, 'ready');
      const [pod] = await site.podsOf(job);
      const unhold = await hold(pod?.metadata.name ?? '');
      await site.call('cleanupJob', run, { job });
      expect((await site.find('job', job.name))?.metadata).toMatchObject({
        finalizers: expect.arrayContaining(['foregroundDeletion']),
        deletionTimestamp: expect.any(String),
      });
      const waiting = site.call('waitForPodTermination', run, { job });
      await unhold();
      await until('the Job is gone', async () => (await site.find('job', job.name)) === undefined);
      expect(await site.podsOf(job)).toEqual([]);
      expect(await waiting).toEqual({ left: [], started: true });
      await site.call('cleanupJob', run, { job });
      expect(await site.call('waitForPodTermination', run, { job })).toEqual({ left: [] });
    });

    it('waitForPodTermination does not report a pod as started that never started', async () => {
      const run = site.run();
      const job = await site.createJob(run, {
        containers: [{ ...container('validator', script), image: 'no.such/image:1' }],
      });
      await until('its pod is there', async () => (await site.podsOf(job))[0]);
      await site.call('cleanupJob', run, { job });
      expect(await site.call('waitForPodTermination', run, { job })).toEqual({ left: [] });
    });

    it('cleanupJob leaves another Job with the same name alone', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'exit 0')] }, { suspend: true });
      const earlier = { ...job, uid: '00000000-0000-0000-0000-000000000000' };
      await site.call('cleanupJob', run, { job: earlier });
      const still = await site.find('job', job.name);
      expect(still?.metadata.uid).toBe(job.uid);
      expect(still?.metadata.deletionTimestamp).toBeUndefined();
      await site.call('cleanupJob', run, { job });
    });

    it('waitForPodTermination returns what is left after a minute', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', script)] });
      await site.logged(job, 'ready');
      const [pod] = await site.podsOf(job);
      const name = pod?.metadata.name ?? '';
      const unhold = await hold(name);
      await site.call('cleanupJob', run, { job });
      const since = performance.now();
      const { left } = await site.call('waitForPodTermination', run, { job });
      expect(performance.now() - since).toBeGreaterThan(55_000);
      expect(left).toEqual([
        expect.stringMatching(`^Pod/${name} is still there: finalizer .*test/held; `),
        `Job/${job.name} is still there: it waits until the objects that it owns are gone`,
      ]);
      await unhold();
    });
  });
});

describe('keepJob', () => {
  /** Creates a Job that no controller manages, so that it never ends, and a pod that looks like its own. */
  async function unmanaged(run: RunScope, script: string): Promise<NamedUid> {
    const containers = [container('validator', script)];
    const job = await site.createJob(run, { containers }, { managedBy: 'proctor.test/nobody' });
    const labels = { 'batch.kubernetes.io/job-name': job.name, 'batch.kubernetes.io/controller-uid': job.uid };
    const metadata = { name: job.name, namespace: site.namespace, labels };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { restartPolicy: 'Never', containers } };
    await kubectl('create', '-f', site.file('pod', pod));
    return job;
  }

  it('keeps no Job that still runs, and fails retryably while a Job’s status lags behind its ended containers', async () => {
    const run = site.run();
    const [runsOn, ended] = await Promise.all([unmanaged(run, 'sleep 600'), unmanaged(run, 'exit 0')]);
    const isIn = (phase: string) => async (job: NamedUid) => (await site.podsOf(job))[0]?.status?.phase === phase;
    await until('one runs', () => isIn('Running')(runsOn));
    await until('the other has ended', () => isIn('Succeeded')(ended));
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    expect(await site.call('keepJob', run, { job: runsOn, expires })).toEqual({ kept: false });
    expect(await site.failure('keepJob', run, { job: ended, expires })).toMatchObject({
      type: 'JobNotEnded',
      nonRetryable: false,
    });
    for (const job of [runsOn, ended]) await kubectl('delete', 'pod', job.name, '-n', site.namespace, '--wait=false');
  });
});
