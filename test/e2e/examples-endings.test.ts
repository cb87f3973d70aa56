import { describe, expect, it } from 'vitest';
import {
  containerStatus,
  failed,
  inNamespace,
  kubectl,
  remove,
  run,
  skipped,
  start,
  waitForPod,
} from './examples-cluster.ts';
import { until } from './harness.ts';

describe.concurrent('examples that end in a particular way on purpose', { timeout: 180_000 }, () => {
  it('always-fails exits 1', async () => {
    expect(await run('always-fails')).toEqual(failed(/on purpose/));
  });
  it('always-skips exits 2', async () => {
    expect(await run('always-skips')).toEqual(skipped(/on purpose/));
  });
  it('out-of-memory is killed by the kernel, and Kubernetes reports its container as OOMKilled', async () => {
    expect(await run('out-of-memory')).toEqual(expect.objectContaining({ exitCode: 137, reason: 'OOMKilled' }));
  });
  it('missing-image cannot be pulled', async () => {
    const pod = await start('missing-image');
    try {
      await waitForPod(pod, `{${containerStatus}.state.waiting.reason}=ImagePullBackOff`);
    } finally {
      await remove(...inNamespace, 'pod', pod);
    }
  });
  it('outlives-its-timeout exceeds its timeout but ends at once on SIGTERM', async () => {
    const pod = await start('outlives-its-timeout', { env: { AICR_CHECK_TIMEOUT: '1s' } });
    await waitForPod(pod, `{${containerStatus}.state.running.startedAt}`);
    await until('it has logged its timeout', async () => {
      return (await kubectl([...inNamespace, 'logs', pod])).includes('timeout: 1s; sleeping');
    });
    const began = Date.now();
    await kubectl([...inNamespace, 'delete', 'pod', pod]);
    expect(Date.now() - began).toBeLessThan(20_000); // its grace period is 30 s
  });
  it('prints-5000-lines prints 5000 lines, one of them longer than a report keeps', async () => {
    // On a machine without a free core, containerd 1.6 sometimes loses the end of a log for good: a container that has
    // ended is deleted although its output has not been copied. So the validator runs until its log has an end.
    const log = await until('a log with its end', async () => {
      const ended = await run('prints-5000-lines');
      return ended.log.includes(`RESULT: ${ended.message}`) && ended.log;
    });
    const lines = log.split('\n');
    expect(lines).toHaveLength(5000);
    expect(lines[0]).toBe('line 1 of 5000');
    expect(lines[4998]).toHaveLength(1024);
    expect(lines[4999]).toMatch(/^RESULT: /);
  });
  it('uses-sentinels prints one valid line of each sentinel', async () => {
    const { log } = await run('uses-sentinels');
    const payload = (sentinel: string): unknown =>
      JSON.parse(
        log
          .split('\n')
          .find((line) => line.startsWith(sentinel))
          ?.slice(sentinel.length) ?? 'null',
      );
    expect(payload('##AICR-EXTRA## ')).toEqual({
      gpus: '8',
      busBandwidth: '412 GB/s',
      note: expect.any(String),
    });
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(payload('##AICR-PROVENANCE## ')).toEqual({
      shippedDigest: digest,
      derivedDigest: digest,
      overriddenPaths: ['spec.image'],
      inheritedPaths: ['spec.nodeSelector', 'spec.tolerations'],
    });
  });

  it('a script fails instead of skipping if one of its commands exits with 2 by accident', async () => {
    const args = ['-c', '. /validators/lib.sh; grep x /no/such/file'];
    expect(await run('data-mounted', { args })).toEqual(failed(/ended by itself with exit code 2/));
  });
});
