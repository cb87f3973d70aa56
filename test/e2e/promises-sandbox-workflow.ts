import { mergeCatalogs, parseCatalog } from '../../src/aicr/catalog/catalog.ts';
import { formatGoDuration, parseGoDuration } from '../../src/aicr/go/duration.ts';
import { canonicalQuantity } from '../../src/aicr/go/quantity.ts';
import { goQuote } from '../../src/aicr/go/quote.ts';
import { jobDeadlineSeconds, orchestratorWaitFor } from '../../src/aicr/job/clocks.ts';
import { imagePullPolicy, isImmutableRef, resolveImage } from '../../src/aicr/job/image.ts';
import { jobName, jobNameSuffix, runId } from '../../src/aicr/job/names.ts';
import { encodeNodeSelector } from '../../src/aicr/job/node-selector.ts';
import { encodeTolerations } from '../../src/aicr/job/tolerations.ts';
import { boundTerminationMessage } from '../../src/aicr/result/termination-message.ts';
import { resultForTimeout, waitFailureMessage } from '../../src/aicr/result/validator-result.ts';
import { checkCatalog } from '../../src/run/plan/check-catalog.ts';
import { checkRequest } from '../../src/run/plan/check-request.ts';
import { checkSelection } from '../../src/run/plan/check-selection.ts';
import { describeFaults } from '../../src/run/plan/invalid-request.ts';
import { selectValidators } from '../../src/run/plan/selection.ts';
import { checkJob } from '../aicr/golden/jobs.ts';
import { checkBuild, checkMerge } from '../aicr/golden/reports.ts';
import { reduceLog } from '../aicr/result/reduce-log.ts';

export interface SandboxInput {
  jobs: Parameters<typeof checkJob>[0][];
  builds: Parameters<typeof checkBuild>[0][];
  merges: Parameters<typeof checkMerge>[0][];
}

export interface SandboxOutput {
  /** Node's globals that exist in the sandbox. */
  globals: string[];
  /** What differs in each golden case that fails. */
  differences: string[];
  answers: unknown;
}

/** Runs AICR's contract in the workflows' sandbox: the golden cases, and every other function that workflows use. */
export async function contractInSandbox({ jobs, builds, merges }: SandboxInput): Promise<SandboxOutput> {
  const names = ['Buffer', 'crypto', 'fetch', 'process', 'require', 'setImmediate'];
  return {
    globals: names.filter((name) => name in globalThis),
    differences: [...jobs.flatMap(checkJob), ...builds.flatMap(checkBuild), ...merges.flatMap(checkMerge)],
    answers: answers(),
  };
}

const LOG = [
  'é'.repeat(400),
  '##AICR-EXTRA## {"a":"1","b":null}',
  '##AICR-EXTRA## {"a":2}',
  '##AICR-PROVENANCE## {"shippedDigest":"s","DerivedDigest":"d"}',
  'RESULT: 😀\r',
  '',
  '',
];

/**
 * Calls every function of the contract that workflows use, so that the sandbox's answers can be compared with Node's.
 */
export function answers(): unknown {
  const entry = { name: 'b', phase: 'deployment', image: 'img:1', env: [{ name: 'HF_TOKEN', value: 'x' }] };
  const catalog = parseCatalog({ validators: [entry, { ...entry, name: 'a', phase: 'performance', timeout: '90s' }] });
  const durations = ['1h1ms', '-1.5h', '0.3333333333333333333h', '2562047h47m16.854775807s'].map(parseGoDuration);
  const rules = { version: '1.2.3', commit: '', tagOverride: '', registryOverride: 'r.example:5000/x' };
  return {
    durations: durations.map(formatGoDuration),
    clocks: durations.map((timeoutNs) => [
      jobDeadlineSeconds(timeoutNs),
      orchestratorWaitFor({ observedStartMs: 0, nowMs: 1234, timeoutNs }),
    ]),
    quantities: ['1.5Gi', '1e-10', '+1234567890123456789', '0.0001Ki', '10Ei'].map(canonicalQuantity),
    images: ['a/b/c:latest', 'x', 'y@sha256:0'].map((image) => [
      resolveImage(image, rules),
      imagePullPolicy(image, 't'),
      isImmutableRef(image),
    ]),
    names: [runId(0, '0123456789abcdef'), jobName('a', jobNameSuffix({ runId: 'é😀', validator: 'a', attempt: 3 }))],
    quoted: goQuote('a"\\\n\x7fü\u200b😀\ud800'),
    encoded: [encodeNodeSelector({ b: '1', Z: '2', '😀': '3', '\uffff': '4' }), encodeTolerations([{ key: 'k' }])],
    log: reduceLog(LOG.join('\n')),
    message: boundTerminationMessage('€'.repeat(2000)),
    results: [
      resultForTimeout({ pod: null }),
      waitFailureMessage(new Error('x')),
      waitFailureMessage(undefined, '90s'),
    ],
    faults: [
      describeFaults('the request', checkRequest({ cluster: 'ü', paralelism: 1, catalog: { inline: {} } })),
      checkCatalog({ validators: [{ name: 'A', timeout: '5x', resources: { cpu: '1K', memory: '1' } }] }, 'catalog'),
    ],
    merged: mergeCatalogs(catalog, catalog),
    selected: selectValidators(catalog, { skipChecks: ['b'] }),
    selection: checkSelection(catalog, { skipChecks: ['b', 'nobody'], checks: { deployment: ['a', 'a', 'c'] } }),
  };
}
