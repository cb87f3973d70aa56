import { randomBytes } from 'node:crypto';
import { CLUSTER_ADMIN_ROLE, DEFAULT_NAMESPACE, SNAPSHOT_KEY, VALIDATION_KEY } from '../src/aicr/constants.ts';
import {
  clusterRoleBindingName,
  runId as newRunId,
  serviceAccountName,
  snapshotConfigMapName,
  validationConfigMapName,
} from '../src/aicr/job/names.ts';
import type { ObjectRef } from '../src/cluster/api.ts';
import type { Cluster } from '../src/cluster/clusters.ts';
import { CLUSTER_ROLE_BINDINGS, CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS } from '../src/cluster/resources.ts';
import type { ConfigMap, Job, KubernetesObject } from '../src/kubernetes/types.ts';
import { anchorName } from '../src/run/anchor.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../src/run/ids.ts';
import { FIRST_ATTEMPT, planJob } from '../src/run/plan/plan-job.ts';
import type { NamedUid, RunScope } from '../src/run/scope.ts';
import type { Entry } from './validators.ts';

/**
 * The objects that a run's Jobs need (ServiceAccount, role binding, data, anchor), created without a run, for the side
 * of a comparison that does without Proctor. The time to create them is not measured. Proctor's own code renders the
 * Jobs, so they are the same on both sides.
 */
export class RunSetup {
  readonly run: RunScope;
  readonly anchor: NamedUid;
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster, run: RunScope, anchor: NamedUid) {
    this.#cluster = cluster;
    this.run = run;
    this.anchor = anchor;
  }

  static newRunId(): string {
    return newRunId(Date.now(), randomBytes(8).toString('hex'));
  }

  static async create(
    cluster: Cluster,
    installation: string,
    id: string,
    namespace = DEFAULT_NAMESPACE,
  ): Promise<RunSetup> {
    const { api } = cluster;
    const runId = asRunId(id);
    const marks = {
      installation,
      workflowId: asWorkflowId(`bench-${runId}`),
      workflowRunId: asFirstRunId(crypto.randomUUID()),
    };
    const run = { cluster: { name: cluster.name, uid: await cluster.uid() }, namespace, runId, marks };
    await api.apply<KubernetesObject>(NAMESPACES, { metadata: { name: namespace } });
    const inNamespace = (name: string) => ({ metadata: { name, namespace } });
    const anchor = await api.apply<ConfigMap>(CONFIG_MAPS, inNamespace(anchorName(runId)));
    const setup = new RunSetup(cluster, run, { name: anchorName(runId), uid: anchor.metadata.uid ?? '' });
    const data = (name: string, key: string): ConfigMap => ({ ...inNamespace(name), data: { [key]: '{}\n' } });
    await api.apply(CONFIG_MAPS, data(snapshotConfigMapName(runId), SNAPSHOT_KEY));
    await api.apply(CONFIG_MAPS, data(validationConfigMapName(runId), VALIDATION_KEY));
    await api.apply<KubernetesObject>(SERVICE_ACCOUNTS, inNamespace(serviceAccountName(runId)));
    await api.apply<KubernetesObject>(CLUSTER_ROLE_BINDINGS, bindingOf(run));
    return setup;
  }

  /** The Job of a validator, as Proctor renders it. */
  jobOf(entry: Entry): Job {
    const { job } = planJob({ run: this.run, anchor: this.anchor, entry, settings: {}, attempt: FIRST_ATTEMPT });
    return { apiVersion: 'batch/v1', kind: 'Job', ...job };
  }

  async remove(): Promise<void> {
    const { namespace, runId } = this.run;
    const refs: ObjectRef[] = [
      { resource: CLUSTER_ROLE_BINDINGS, name: clusterRoleBindingName(runId) },
      { resource: SERVICE_ACCOUNTS, namespace, name: serviceAccountName(runId) },
      ...[snapshotConfigMapName(runId), validationConfigMapName(runId), this.anchor.name].map((name) => ({
        resource: CONFIG_MAPS,
        namespace,
        name,
      })),
    ];
    for (const ref of refs) await this.#cluster.api.delete(ref);
  }
}

function bindingOf({ runId, namespace }: RunScope) {
  return {
    metadata: { name: clusterRoleBindingName(runId) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: CLUSTER_ADMIN_ROLE },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccountName(runId), namespace }],
  };
}
