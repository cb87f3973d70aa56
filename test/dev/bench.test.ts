import { describe, expect, it } from 'vitest';
import { classify, total } from '../../bench/call-counts.ts';
import { median, percentile } from '../../bench/figures.ts';
import { wakeups } from '../../bench/wakeups.ts';
import { textTable } from '../../dev/text-table.ts';

describe('counted API calls', () => {
  it.each([
    ['GET', '/apis/batch/v1/namespaces/n/jobs?watch=true&resourceVersion=5', 'watch jobs.batch', 'run'],
    ['GET', '/apis/batch/v1/namespaces/n/jobs?limit=500', 'list jobs.batch', 'run'],
    ['GET', '/apis/batch/v1/namespaces/n/jobs/aicr-x-1', 'get jobs.batch', 'validator'],
    ['PATCH', '/apis/batch/v1/namespaces/n/jobs/aicr-x-1?force=true', 'patch jobs.batch', 'validator'],
    ['DELETE', '/apis/batch/v1/namespaces/n/jobs/aicr-x-1', 'delete jobs.batch', 'validator'],
    ['GET', '/api/v1/namespaces/n/pods/p/log?container=validator', 'get pods/log', 'validator'],
    [
      'GET',
      '/api/v1/namespaces/n/pods?labelSelector=batch.kubernetes.io%2Fcontroller-uid%3Du',
      'list pods',
      'validator',
    ],
    ['GET', '/api/v1/namespaces/n/events?fieldSelector=involvedObject.uid%3Du', 'list events', 'validator'],
    ['PATCH', '/api/v1/namespaces/n/configmaps/proctor-result-aicr-x-1', 'patch configmaps', 'validator'],
    ['POST', '/api/v1/namespaces/n/configmaps', 'create configmaps', 'run'],
    ['GET', '/api/v1/namespaces/kube-system', 'get namespaces', 'run'],
    ['PATCH', '/api/v1/namespaces/n', 'patch namespaces', 'run'],
    ['GET', '/api/v1/nodes/n1', 'get nodes', 'run'],
  ])('classifies %s %s', (method, url, call, scope) => {
    const found = classify(method, url);
    expect([`${found.verb} ${found.resource}`, found.scope]).toEqual([call, scope]);
  });

  it('adds up the calls of one scope', () => {
    expect(
      total({ 'validator: get pods/log': 2, 'validator: patch jobs.batch': 3, 'run: get nodes': 1 }, 'validator: '),
    ).toBe(5);
  });
});

describe('the figures of a benchmark', () => {
  it('computes a percentile as the value at or below which that share of the values lies', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('computes the median of an even number of values as the mean of the middle two', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });

  it('measures a wake-up from the event to the return, only for events that the proxy saw', () => {
    const arrived: [string, string][] = [
      ['a', '1000000'],
      ['b', '2000000'],
    ];
    const returned: [string, string][] = [
      ['a', '4000000'],
      ['b', '3000000'],
      ['unknown to the proxy', '9000000'],
    ];
    expect(wakeups(arrived, returned)).toEqual({ count: 2, p50Ms: 1, p99Ms: 3, mostMs: 3 });
  });

  it('aligns columns of numbers to the right', () => {
    expect(
      textTable(
        ['what', 'ms'],
        [
          ['a', 5],
          ['longer', 1234],
        ],
      ),
    ).toBe('what      ms\n------  ----\na          5\nlonger  1234');
  });
});
