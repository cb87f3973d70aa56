import type { ValidateClusterRequest } from '../../src/client.ts';

/** A validator of the catalog with the status that the report must have, written down before any fault is injected. */
interface Expected {
  name: string;
  phase: 'deployment' | 'conformance';
  /** What it does after it has reported its execution to the counter. Its exit code is the verdict. */
  script: string;
  status: 'passed' | 'failed' | 'skipped' | 'other';
}

const say = (text: string) => `echo ${text} > /dev/termination-log`;

/** Every exit code with a meaning and some without; short and long validators, with little and with much output. */
export const EXPECTED: readonly Expected[] = [
  { name: 'passes-at-once', phase: 'deployment', script: 'exit 0', status: 'passed' },
  { name: 'passes-after-8', phase: 'deployment', script: 'sleep 8; exit 0', status: 'passed' },
  { name: 'fails-after-7', phase: 'deployment', script: `sleep 7; ${say('seven')}; exit 1`, status: 'failed' },
  { name: 'skips-after-4', phase: 'deployment', script: 'sleep 4; exit 2', status: 'skipped' },
  { name: 'fails-at-once', phase: 'deployment', script: 'exit 1', status: 'failed' },
  { name: 'skips-at-once', phase: 'deployment', script: 'exit 2', status: 'skipped' },
  { name: 'prints-much', phase: 'deployment', script: 'seq 1 20000; exit 0', status: 'passed' },
  { name: 'exits-3', phase: 'deployment', script: 'exit 3', status: 'other' },
  { name: 'killed-itself', phase: 'deployment', script: 'sleep 2; exit 137', status: 'other' },
  { name: 'passes-with-words', phase: 'deployment', script: `sleep 1; ${say('fine')}`, status: 'passed' },
  { name: 'outlives-a-term', phase: 'conformance', script: 'trap "" TERM; sleep 6; exit 1', status: 'failed' },
  {
    name: 'exits-0-on-term',
    phase: 'conformance',
    script: 'trap "exit 0" TERM; sleep 7 & wait; exit 1',
    status: 'failed',
  },
  { name: 'passes-after-5', phase: 'conformance', script: 'sleep 5; exit 0', status: 'passed' },
  { name: 'prints-and-fails', phase: 'conformance', script: 'seq 1 5000; exit 1', status: 'failed' },
  { name: 'exits-42', phase: 'conformance', script: 'sleep 1; exit 42', status: 'other' },
  { name: 'exits-255', phase: 'conformance', script: 'exit 255', status: 'other' },
  { name: 'segfault-like', phase: 'conformance', script: 'sleep 3; exit 139', status: 'other' },
  { name: 'complains', phase: 'conformance', script: 'echo trouble >&2; sleep 2; exit 1', status: 'failed' },
  { name: 'skips-with-words', phase: 'conformance', script: `sleep 2; ${say('no-gpu')}; exit 2`, status: 'skipped' },
  { name: 'passes-after-3', phase: 'conformance', script: 'sleep 3; exit 0', status: 'passed' },
];

/**
 * A request with the twenty validators. Each first reports its execution to the counter at this address: its run, name,
 * pod and a nonce.
 */
export function requestFor(image: string, counter: { host: string; port: number }): ValidateClusterRequest {
  const report = `nonce=$(cat /proc/sys/kernel/random/uuid)
for try in 1 2 3 4 5; do
  echo "$AICR_RUN_ID $AICR_VALIDATOR_NAME $HOSTNAME $nonce" | nc -w 5 ${counter.host} ${counter.port} | grep -q heard && break
  sleep 1
done`;
  const validators = EXPECTED.map(({ name, phase, script }) => ({
    name,
    phase,
    image,
    timeout: '5m',
    args: ['-c', `${report}\n${script}`],
    resources: { cpu: '10m', memory: '16Mi' },
    exclusive: [],
  }));
  return {
    cluster: 'local',
    // Only a few at a time, so that validators are in every stage at any moment of the run.
    parallelism: 6,
    catalog: {
      inline: {
        apiVersion: 'validator.nvidia.com/v1alpha1',
        kind: 'ValidatorCatalog',
        metadata: { name: 'chaos', version: '1' },
        validators,
      },
    },
  };
}
