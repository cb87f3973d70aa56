// A cluster of the user's own kubeconfig. The stack writes a kubeconfig for it, but creates and removes nothing on it.
import { join } from 'node:path';
import { resolveBinaries } from './binaries.ts';
import { DevError } from './errors.ts';
import { indent, run, tryRun } from './exec.ts';
import { writeAtomically } from './files.ts';
import { VALIDATORS_IMAGE } from './stack-images.ts';
import type { Log, Stack } from './types.ts';

export async function contextUp(stateDir: string, context: string, log: Log): Promise<Stack['cluster']> {
  const { kubectl } = await resolveBinaries(['kubectl'], { log });
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '--context', context];
  const { code, stdout, stderr } = await tryRun(kubectl.path, view);
  if (code !== 0) {
    const known = (await run(kubectl.path, ['config', 'get-contexts', '--output', 'name'])).trim();
    throw new DevError(
      `no context "${context}": ${stderr.trim()}\nThe contexts in your kubeconfig:\n${indent(known || '(none)')}`,
    );
  }
  const kubeconfig = join(stateDir, 'kubeconfig');
  writeAtomically(kubeconfig, stdout, 0o600);
  const readyz = ['get', '--raw', '/readyz', '--request-timeout', '15s'];
  const probe = ['--kubeconfig', kubeconfig, '--context', context, ...readyz];
  const answer = await tryRun(kubectl.path, probe, { timeoutMs: 30_000 });
  if (answer.code !== 0) {
    throw new DevError(`the cluster of context "${context}" is unreachable:\n${indent(answer.stderr.trim())}`);
  }
  log(`✓ cluster of context ${context}`);
  if (!process.env.PROCTOR_VALIDATORS_IMAGE) log(imageAdvice());
  return { kind: 'context', kubeconfig, context, kubectl: kubectl.path };
}

/** How to get the validators' image: the stack does not load it into a cluster that it did not create. */
function imageAdvice(): string {
  return [
    `! The example validators run in ${VALIDATORS_IMAGE}, which no registry has.`,
    '  Build an image with busybox, kubectl and the scripts of examples/validators (in /validators, entrypoint /bin/sh),',
    '  push it to a registry that the cluster can pull from, and name it in PROCTOR_VALIDATORS_IMAGE.',
  ].join('\n');
}
