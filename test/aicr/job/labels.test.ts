import { describe, expect, it } from 'vitest';
import {
  dataConfigMapLabels,
  jobLabels,
  namespaceLabels,
  podLabels,
  rbacLabels,
  reportConfigMapLabels,
} from '../../../src/aicr/job/labels.ts';

const RUN = '20260901-101500-0123456789abcdef';

describe('labels', () => {
  const app = { 'app.kubernetes.io/name': 'aicr', 'app.kubernetes.io/component': 'validation' };
  const managed = { ...app, 'app.kubernetes.io/managed-by': 'aicr' };

  it('are the same as AICR’s', () => {
    expect(jobLabels({ runId: RUN, validator: 'a', phase: 'p' })).toEqual({
      ...managed,
      'aicr.run/job-type': 'validation',
      'aicr.run/run-id': RUN,
      'aicr.run/validator': 'a',
      'aicr.run/phase': 'p',
    });
    expect(podLabels('a')).toEqual({ ...app, 'aicr.run/validator': 'a' });
    expect(dataConfigMapLabels(RUN)).toEqual({ ...managed, 'aicr.run/run-id': RUN });
    expect(reportConfigMapLabels(RUN, 'p')).toEqual({
      ...managed,
      'aicr.run/run-id': RUN,
      'aicr.run/phase': 'p',
      'aicr.run/report-type': 'ctrf',
    });
    expect(namespaceLabels()).toEqual(managed);
    expect(rbacLabels()).toEqual({
      'app.kubernetes.io/name': 'aicr-validator',
      'app.kubernetes.io/managed-by': 'aicr',
    });
  });
});
