import { describe, expect, it } from 'vitest';
import { asFirstRunId, asWorkflowId } from '../../src/run/ids.ts';
import { hasMarks, installationSelector, type Marks, markAnnotations, markLabels } from '../../src/run/marks.ts';

const marks: Marks = {
  installation: 'i-1',
  workflowId: asWorkflowId('proctor/run one'),
  workflowRunId: asFirstRunId('r-1'),
  validator: 'a',
  attempt: 2,
};

describe('marks', () => {
  const marked = { metadata: { labels: { ...markLabels(marks), more: 'x' }, annotations: markAnnotations(marks) } };

  it('are labels, except the workflow id, which is an annotation because no label can hold it', () => {
    expect(markLabels(marks)).toEqual({
      'proctor.run/installation': 'i-1',
      'proctor.run/workflow-run-id': 'r-1',
      'proctor.run/validator': 'a',
      'proctor.run/attempt': '2',
    });
    expect(markAnnotations(marks)).toEqual({ 'proctor.run/workflow-id': 'proctor/run one' });
    expect(markLabels({ installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r') })).toEqual({
      'proctor.run/installation': 'i',
      'proctor.run/workflow-run-id': 'r',
    });
    expect(installationSelector('i-1')).toBe('proctor.run/installation=i-1');
  });

  it('belong to an object only if it carries every one of them', () => {
    expect(hasMarks(marked, marks)).toBe(true);
    expect(hasMarks({ metadata: {} }, marks)).toBe(false);
    for (const change of [
      { installation: 'x' },
      { workflowId: asWorkflowId('x') },
      { workflowRunId: asFirstRunId('x') },
      { validator: 'x' },
      { attempt: 3 },
    ]) {
      expect(hasMarks(marked, { ...marks, ...change })).toBe(false);
    }
  });
});
