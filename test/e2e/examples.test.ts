import { describe, expect, it } from 'vitest';
import { catalog, entryNamed } from '../examples-catalog.ts';
import {
  clusterDns,
  elsewhere,
  healthyConditions,
  nodeAddress,
  ownAddress,
  resolver,
  withDnsServer,
  withDnsService,
  withNode,
  withoutGrant,
  withPolicy,
  withSlowPath,
} from './examples-break.ts';
import {
  binding,
  create,
  failed,
  inNamespace,
  isAllowed,
  kubectl,
  namespace,
  passed,
  remove,
  run,
  skipped,
  testLabels,
  tryKubectl,
  waitForPod,
} from './examples-cluster.ts';
import { until } from './harness.ts';

/** The examples that end badly on purpose (`examples-endings.test.ts`). All others pass on a healthy cluster. */
const onPurpose = ['always-fails', 'always-skips', 'out-of-memory', 'missing-image', 'outlives-its-timeout'];
const healthy = catalog.filter((entry) => !onPurpose.includes(entry.name));

describe.concurrent('on a healthy cluster', { timeout: 180_000 }, () => {
  it.each(healthy)('$name passes', async (entry) => {
    const { exitCode, message } = await run(entry.name);
    const expected = entry.name === 'dns' && (await kubectl(clusterDns)) === '' ? 2 : 0;
    expect({ exitCode, message }).toEqual({ exitCode: expected, message: expect.stringMatching(/./) });
  });
});

describe('on a broken cluster', { timeout: 180_000 }, () => {
  it('nodes-ready fails if a node has no kubelet', async () => {
    await withNode({}, async (node) => {
      expect(await run('nodes-ready')).toEqual(failed(new RegExp(`not ready or under pressure.*${node}`)));
    });
  });
  it('nodes-ready fails if a node’s disk is full', async () => {
    const conditions = healthyConditions.map((each) =>
      each.type === 'DiskPressure' ? { ...each, status: 'True' } : each,
    );
    await withNode({ conditions }, async (node) => {
      expect(await run('nodes-ready')).toEqual(failed(new RegExp(`not ready or under pressure.*${node}`)));
    });
  });
  it.each(['v1.20.4', 'v1.99.0', ''])('version-skew fails if a kubelet has version "%s"', async (kubeletVersion) => {
    const empty = { machineID: '', systemUUID: '', bootID: '', kernelVersion: '', osImage: '' };
    const rest = { containerRuntimeVersion: '', kubeProxyVersion: '', operatingSystem: '', architecture: '' };
    await withNode({ conditions: healthyConditions, nodeInfo: { ...empty, ...rest, kubeletVersion } }, async (node) => {
      expect(await run('version-skew')).toEqual(failed(new RegExp(`outside.*${node} \\(${kubeletVersion}\\)`)));
    });
  });
  it('kubelets-answer fails if nothing listens at a node’s address', async () => {
    const address = await nodeAddress();
    const status = {
      conditions: healthyConditions,
      addresses: [{ type: 'InternalIP', address }],
      daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
    };
    await withNode(status, async (node) => {
      expect(await run('kubelets-answer')).toEqual(failed(new RegExp(`do not answer.* ${node}`)));
    });
  });

  it('api-server-answers fails if there is no route to the Service address', async () => {
    const cut = {
      name: 'cut',
      image: entryNamed('api-server-answers').image,
      args: ['-c', 'ip route add unreachable "$KUBERNETES_SERVICE_HOST/32" && ip route'],
      securityContext: { capabilities: { add: ['NET_ADMIN'] } },
    };
    expect(await run('api-server-answers', { spec: { initContainers: [cut] } })).toEqual(
      failed(/is not ready, or does not answer: .*(no route to host|unreachable)/),
    );
  });

  it('no-crash-loops fails if a pod crashes repeatedly', async () => {
    const name = 'crashes';
    try {
      const { image, resources } = entryNamed('data-mounted');
      await create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels: testLabels },
        spec: {
          automountServiceAccountToken: false,
          containers: [{ name: 'crashes', image, args: ['-c', 'exit 1'], resources: { limits: resources } }],
        },
      });
      // After the second restart the kubelet backs off for twenty seconds, long enough for the validator to see it.
      await waitForPod(name, '{.status.containerStatuses[0].restartCount}=2');
      await waitForPod(name, '{.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff');
      expect(await run('no-crash-loops')).toEqual(failed(new RegExp(`in a crash loop: .*${namespace}/${name}`)));
    } finally {
      await kubectl([...inNamespace, 'delete', 'pod', name, '--ignore-not-found', '--now']);
    }
  });

  it('data-mounted fails if the ConfigMap lacks the key', async () => {
    expect(await run('data-mounted', { snapshot: 'no-snapshot' })).toEqual(failed(/snapshot\.yaml is missing/));
  });
  it('data-mounted skips if the run has no snapshot', async () => {
    expect(await run('data-mounted', { snapshot: 'empty-snapshot' })).toEqual(skipped(/empty snapshot\.yaml/));
  });

  it('dns fails if the DNS Service does not answer', async () => {
    await withDnsService(async () => {
      expect(await run('dns', resolver('127.0.0.1'))).toEqual(failed(/does not resolve kubernetes\.default\.svc/));
    });
  });
  it('dns passes if the Service answers, and fails if it answers with another address', async ({ skip }) => {
    const host = (await ownAddress()) ?? skip(elsewhere);
    const service = await kubectl([
      'get',
      'service',
      'kubernetes',
      '-n',
      'default',
      '-o',
      'jsonpath={.spec.clusterIP}',
    ]);
    await withDnsService(async () => {
      await withDnsServer(host, service, async () => {
        expect(await run('dns', resolver(host))).toEqual(passed(/resolves to/));
      });
      await withDnsServer(host, '192.0.2.7', async () => {
        expect(await run('dns', resolver(host))).toEqual(failed(/resolves to '192\.0\.2\.7', not /));
      });
    });
  });

  it('rbac-as-granted fails if the grant is missing', async () => {
    await withoutGrant(async () => {
      expect(await run('rbac-as-granted')).toEqual(failed(/may not \* \*/));
    });
  });
  it('rbac-as-granted fails if an account without any grant may read Secrets', async () => {
    const name = `${namespace}-stranger`;
    const stranger = `system:serviceaccount:${namespace}:default`;
    try {
      const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace }];
      await create({ ...binding, metadata: { name }, subjects });
      await until('the grant is effective', () => isAllowed(stranger, [], 'list', 'secrets'));
      expect(await run('rbac-as-granted')).toEqual(failed(/default was granted nothing, but may list Secrets$/));
    } finally {
      await remove('clusterrolebinding', name);
    }
  });
  it('anonymous-refused fails if anyone may list namespaces', async () => {
    const name = `${namespace}-anyone`;
    try {
      await kubectl(['create', 'clusterrole', name, '--verb=list', '--resource=namespaces']);
      await kubectl(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, '--group=system:unauthenticated']);
      await until('the anonymous grant is effective', () =>
        isAllowed('system:anonymous', ['system:unauthenticated'], 'list', 'namespaces'),
      );
      expect(await run('anonymous-refused')).toEqual(failed(/anyone may list the namespaces/));
    } finally {
      await remove('clusterrolebinding', name);
      await remove('clusterrole', name);
    }
  });

  it('token-bound fails if the token comes from a Secret and never expires', async () => {
    const name = 'unbound-token';
    await create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': 'validator' } },
    });
    await until('the Secret has its token', async () => {
      return (await kubectl([...inNamespace, 'get', 'secret', name, '-o', 'jsonpath={.data.token}'])) !== '';
    });
    const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
    const changes = {
      mounts: [{ name: 'token', mountPath, readOnly: true }],
      volumes: [{ name: 'token', secret: { secretName: name } }],
    };
    expect(await run('token-bound', changes)).toEqual(failed(/the token never expires/));
  });
  it('token-bound fails if there is no token', async () => {
    const changes = { spec: { automountServiceAccountToken: false } };
    expect(await run('token-bound', changes)).toEqual(failed(/this pod was given no token/));
  });

  it('admission-dry-run fails if a policy refuses pods without a label', async () => {
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace } };
    const spec = { containers: [{ name: 'probe', image: 'probe' }] };
    const refused = async () =>
      (await tryKubectl(['create', '--dry-run=server', '-f', '-'], { ...probe, spec })).stderr.includes(
        'refused by the test',
      );
    const expression = "has(object.metadata.labels) && 'examples-test' in object.metadata.labels";
    await withPolicy({ operation: 'CREATE', resource: 'pods', expression }, refused, async () => {
      expect(await run('admission-dry-run')).toEqual(failed(/would be refused: .*refused by the test/s));
    });
  });
  it('configmap-round-trip fails if the quota is used up', async () => {
    const name = 'no-configmaps';
    try {
      await kubectl([...inNamespace, 'create', 'quota', name, '--hard=count/configmaps=0']);
      const status = [...inNamespace, 'get', 'quota', name, '-o', 'jsonpath={.status.hard}'];
      await until('the quota is enforced', async () => (await kubectl(status)).includes('configmaps'));
      const ended = await run('configmap-round-trip');
      expect(ended).toEqual(failed(/cannot create a ConfigMap/));
      expect(ended.log).toContain('exceeded quota');
    } finally {
      await kubectl([...inNamespace, 'delete', 'quota', name, '--ignore-not-found']);
    }
  });
  it('garbage-collection fails if the garbage collector may not delete', async () => {
    const collector = 'system:serviceaccount:kube-system:generic-garbage-collector';
    const deleteAsCollector = [
      ...inNamespace,
      'delete',
      'configmap',
      'no-snapshot',
      '--dry-run=server',
      `--as=${collector}`,
    ];
    const refused = async () => (await tryKubectl(deleteAsCollector)).stderr.includes('refused by the test');
    const names = `['${collector}', 'system:kube-controller-manager']`;
    const expression = `!(request.userInfo.username in ${names})`;
    await withPolicy({ operation: 'DELETE', resource: 'configmaps', expression }, refused, async () => {
      expect(await run('garbage-collection', { env: { MAX_SECONDS: '5' } })).toEqual(
        failed(/outlived its owner by 5 s/),
      );
    });
  });

  it('disk-write-speed fails if the disk is full', async () => {
    const changes = {
      mounts: [{ name: 'small', mountPath: '/tmp' }],
      volumes: [{ name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }],
    };
    const ended = await run('disk-write-speed', changes);
    expect(ended).toEqual(failed(/cannot write 32 MB/));
    expect(ended.log).toContain('No space left on device');
  });
  it('disk-write-speed fails if the disk is slower than required', async () => {
    const changes = { env: { MIN_MB_PER_SECOND: '10000000' } };
    expect(await run('disk-write-speed', changes)).toEqual(failed(/^\d+ MB\/s, less than 10000000 MB\/s/));
  });
  it('api-latency fails if every answer is delayed by a second', async ({ skip }) => {
    const host = (await ownAddress()) ?? skip(elsewhere);
    await withSlowPath(host, 1100, async (proxy) => {
      const env = { REQUESTS: '5', HTTPS_PROXY: proxy };
      expect(await run('api-latency', { env })).toEqual(failed(/p95 is (1[1-9]|[2-9]\d)\d\d ms, over 1000 ms/));
    });
  });
  it('api-latency fails if its requests are refused', async () => {
    await withoutGrant(async () => {
      expect(await run('api-latency')).toEqual(failed(/a request was not served: .*forbidden/i));
    });
  });
  it('pod-start-time fails if every node is cordoned', async () => {
    const listed = await kubectl(['get', 'nodes', '--field-selector=spec.unschedulable=false', '-o', 'name']);
    const nodes = listed.split('\n');
    try {
      await kubectl(['cordon', ...nodes]);
      expect(await run('pod-start-time', { env: { MAX_SECONDS: '5' } })).toEqual(
        failed(/has not run after 5 s: Pending: .*unschedulable/),
      );
    } finally {
      await kubectl(['uncordon', ...nodes]);
    }
  });
});
