import { expect, it } from 'vitest';
import { ContractError, hasCode } from '../../src/aicr/contract-error.ts';
import { anchorName, resultName } from '../../src/run/anchor.ts';
import { installationSelector, markLabels, runSelector } from '../../src/run/marks.ts';
import { clusterQueues, WORKFLOW_QUEUE } from '../../src/run/task-queues.ts';

/** Names that operators write into dashboards, RBAC rules and commands: none changes without being meant to. */

it('of the ConfigMaps of a run', () => {
  expect([anchorName('r'), resultName('j')]).toEqual(['proctor-r', 'proctor-result-j']);
});

it('of the task queues', () => {
  expect(WORKFLOW_QUEUE).toBe('proctor');
  expect(clusterQueues('lab')).toEqual({
    work: 'proctor.lab',
    wait: 'proctor.lab.wait',
    cleanup: 'proctor.lab.cleanup',
  });
});

it('of the label selectors', () => {
  expect(installationSelector('i')).toBe('proctor.run/installation=i');
  expect(runSelector({ installation: 'i', workflowId: 'w', workflowRunId: 'r' })).toBe(
    'proctor.run/installation=i,proctor.run/workflow-run-id=r',
  );
});

it('of the labels of an object that is no validator’s', () => {
  expect(markLabels({ installation: 'i', workflowId: 'w', workflowRunId: 'r' })).toStrictEqual({
    'proctor.run/installation': 'i',
    'proctor.run/workflow-run-id': 'r',
  });
});

it('of an error, whose cause is there only if it has one', () => {
  const bare = new ContractError('TIMEOUT', 'm');
  expect(bare.name).toBe('ContractError');
  expect(Object.hasOwn(bare, 'cause')).toBe(false);
  expect(hasCode(new Error('outer', { cause: bare }), 'TIMEOUT')).toBe(true);
  expect(hasCode(new Error('outer', { cause: bare }), 'INTERNAL')).toBe(false);
});
