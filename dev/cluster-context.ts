// A cluster that exists already: nothing is made on it or taken from it, only the way to it is written down.
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
    throw new DevError(`no context "${context}": ${stderr.trim()}\nContexts there are:\n${indent(known || '(none)')}`);
  }
  const kubeconfig = join(stateDir, 'kubeconfig');
  writeAtomically(kubeconfig, stdout, 0o600);
  const probe = [
    '--kubeconfig',
    kubeconfig,
    '--context',
    context,
    'get',
    '--raw',
    '/readyz',
    '--request-timeout',
    '15s',
  ];
  const answer = await tryRun(kubectl.path, probe, { timeoutMs: 30_000 });
  if (answer.code !== 0) throw new DevError(`context "${context}" does not answer:\n${indent(answer.stderr.trim())}`);
  log(`✓ cluster of context ${context}`);
  if (!process.env.PROCTOR_VALIDATORS_IMAGE) log(imageAdvice());
  return { kind: 'context', kubeconfig, context, kubectl: kubectl.path };
}

/** The cluster is not ours to load an image into. */
function imageAdvice(): string {
  return [
    `! The example validators run in ${VALIDATORS_IMAGE}, which this cluster cannot pull from anywhere.`,
    '  Push an image with busybox, kubectl and the scripts of examples/validators (in /validators, entrypoint /bin/sh)',
    '  to a registry that the cluster reaches, and name it in PROCTOR_VALIDATORS_IMAGE.',
  ].join('\n');
}
