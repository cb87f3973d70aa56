import { expect, it } from 'vitest';
import { anchorName, resultName } from '../../src/run/anchor.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../src/run/ids.ts';
import { installationSelector, markLabels, runSelector } from '../../src/run/marks.ts';
import { clusterQueues, WORKFLOW_QUEUE } from '../../src/run/task-queues.ts';

/** Operators write these names into dashboards, RBAC rules and commands, so none may change by accident. */

it('keeps the names of a run’s ConfigMaps', () => {
  expect([anchorName(asRunId('r')), resultName('j')]).toEqual(['proctor-r', 'proctor-result-j']);
});

it('keeps the names of the task queues', () => {
  expect(WORKFLOW_QUEUE).toBe('proctor');
  expect(clusterQueues('lab')).toEqual({
    work: 'proctor.lab',
    wait: 'proctor.lab.wait',
    cleanup: 'proctor.lab.cleanup',
  });
});

it('keeps the label selectors', () => {
  expect(installationSelector('i')).toBe('proctor.run/installation=i');
  expect(runSelector({ installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r') })).toBe(
    'proctor.run/installation=i,proctor.run/workflow-run-id=r',
  );
});

it('keeps the labels of an object that belongs to no validator', () => {
  expect(
    markLabels({ installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r') }),
  ).toStrictEqual({
    'proctor.run/installation': 'i',
    'proctor.run/workflow-run-id': 'r',
  });
});
