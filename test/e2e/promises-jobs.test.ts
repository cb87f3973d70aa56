/** The seed's functions about Jobs: each promise of each, on a real cluster, by the activity that keeps it. */

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

// Most of their time is waiting.
describe.concurrent('of the seed', () => {
  describe('deployJob and jobName', () => {
    it('applies the Job by the seed’s field manager, under a name that is known from then on', async () => {
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
    ])('returns for a Job that is %s: neither is an error', async (type, script) => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', script)] });
      const ending = await site.call('waitForCompletion', run, { job, timeout: '2m' });
      expect(ending).toMatchObject({ kind: 'terminal', condition: { type, status: 'True' } });
    });

    it('returns when its time is up, which handleTimeout then reads', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'sleep 600')] });
      await until('the pod runs', async () => (await site.podsOf(job))[0]?.status?.phase === 'Running');
      // The wait of a Job that should long have ended: the contract's 30 seconds are the least.
      const ending = await site.call('waitForCompletion', run, { job, timeout: '-3m' });
      expect(ending).toMatchObject({ kind: 'timeout', started: true });
      await site.call('cleanupJob', run, { job });
    });

    it('says that a Job was deleted while it waited', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'sleep 600')] });
      const waiting = site.call('waitForCompletion', run, { job, timeout: '2m' });
      await until('the pod runs', async () => (await site.podsOf(job))[0]?.status?.phase === 'Running');
      await kubectl('delete', 'job', job.name, '-n', site.namespace, '--wait=false', '--cascade=background');
      expect(await waiting).toMatchObject({ kind: 'job-gone' });
    });
  });

  describe('cleanupJob and waitForPodTermination', () => {
    const patient = 'trap "exit 0" TERM; echo ready; sleep 600 & wait';

    /** Keeps a pod from going. @returns what lets it go, with Kubernetes' own finalizer: its Job takes that back only while it is there. */
    async function hold(pod: string): Promise<() => Promise<unknown>> {
      const where = ['patch', 'pod', pod, '-n', site.namespace, '--type=merge', '-p'];
      await kubectl(...where, '{"metadata":{"finalizers":["batch.kubernetes.io/job-tracking","test/held"]}}');
      return () => kubectl(...where, '{"metadata":{"finalizers":[]}}');
    }

    it('delete in the foreground: the Job stays until its pod is gone, and the wait ends after that', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', patient)] });
      await site.logged(job, 'ready');
      const [pod] = await site.podsOf(job);
      const letGo = await hold(pod?.metadata.name ?? '');
      await site.call('cleanupJob', run, { job });
      expect((await site.find('job', job.name))?.metadata).toMatchObject({
        finalizers: expect.arrayContaining(['foregroundDeletion']),
        deletionTimestamp: expect.any(String),
      });
      const waiting = site.call('waitForPodTermination', run, { job });
      await letGo();
      await until('the Job is gone', async () => (await site.find('job', job.name)) === undefined);
      expect(await site.podsOf(job)).toEqual([]);
      expect(await waiting).toEqual({ left: [], started: true });
      await site.call('cleanupJob', run, { job });
      expect(await site.call('waitForPodTermination', run, { job })).toEqual({ left: [] });
    });

    it('do not say of a pod that had not started that it had', async () => {
      const run = site.run();
      const job = await site.createJob(run, {
        containers: [{ ...container('validator', patient), image: 'no.such/image:1' }],
      });
      await until('its pod is there', async () => (await site.podsOf(job))[0]);
      await site.call('cleanupJob', run, { job });
      expect(await site.call('waitForPodTermination', run, { job })).toEqual({ left: [] });
    });

    it('leave another Job alone that has taken the name', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', 'exit 0')] }, { suspend: true });
      const earlier = { ...job, uid: '00000000-0000-0000-0000-000000000000' };
      await site.call('cleanupJob', run, { job: earlier });
      const still = await site.find('job', job.name);
      expect(still?.metadata.uid).toBe(job.uid);
      expect(still?.metadata.deletionTimestamp).toBeUndefined();
      await site.call('cleanupJob', run, { job });
    });

    it('do not wait for ever: after a minute what is left is named', async () => {
      const run = site.run();
      const job = await site.createJob(run, { containers: [container('validator', patient)] });
      await site.logged(job, 'ready');
      const [pod] = await site.podsOf(job);
      const name = pod?.metadata.name ?? '';
      const letGo = await hold(name);
      await site.call('cleanupJob', run, { job });
      const since = performance.now();
      const { left } = await site.call('waitForPodTermination', run, { job });
      expect(performance.now() - since).toBeGreaterThan(55_000);
      expect(left).toEqual([
        expect.stringMatching(`^Pod/${name} is still there: finalizer .*test/held; `),
        `Job/${job.name} is still there: it waits for what it owns to be gone`,
      ]);
      await letGo();
    });
  });
});

describe('beside the seed: keepJob', () => {
  /** A Job that no controller looks after, so that it never ends, with a pod that looks like its own. */
  async function unmanaged(run: RunScope, script: string): Promise<NamedUid> {
    const containers = [container('validator', script)];
    const job = await site.createJob(run, { containers }, { managedBy: 'proctor.test/nobody' });
    const labels = { 'batch.kubernetes.io/job-name': job.name, 'batch.kubernetes.io/controller-uid': job.uid };
    const metadata = { name: job.name, namespace: site.namespace, labels };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { restartPolicy: 'Never', containers } };
    await kubectl('create', '-f', site.file('pod', pod));
    return job;
  }

  it('keeps no Job that runs on, and looks again at one that has only not been told that its containers have ended', async () => {
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
