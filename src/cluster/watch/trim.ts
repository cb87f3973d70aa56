import { CONTROLLER_UID_LABEL, JOB_NAME_LABEL } from '../../kubernetes/job.ts';
import type { Condition, Container, ContainerStatus, Job, ObjectMeta, Pod, PodSpec } from '../../kubernetes/types.ts';
import { WORKFLOW_RUN_ID } from '../../run/marks.ts';

/**
 * Reduces a Job to the fields that waiters read, all of which `kubernetes/types.ts` names. A watch of thousands of Jobs
 * must not hold their templates, managed fields and node addresses.
 */
export function trimJob({ metadata, spec, status }: Omit<Job, 'spec'> & Partial<Job>): Job {
  return {
    metadata: trimMeta(metadata),
    // A Job without a spec must not stop the watch of all Jobs.
    spec: {
      ...(spec === undefined ? {} : pick(spec, 'activeDeadlineSeconds', 'suspend')),
      template: { spec: { containers: [] } },
    },
    ...(status === undefined
      ? {}
      : {
          status: {
            ...pick(status, 'startTime', 'completionTime', 'active', 'succeeded', 'failed'),
            ...(status.conditions === undefined ? {} : { conditions: status.conditions.map(trimCondition) }),
          },
        }),
  };
}

/** Reduces a pod to the fields that waiters read. */
export function trimPod({ metadata, spec, status }: Pod): Pod {
  return {
    metadata: {
      ...trimMeta(metadata),
      labels: pick(metadata.labels ?? {}, JOB_NAME_LABEL, CONTROLLER_UID_LABEL, WORKFLOW_RUN_ID),
    },
    spec: trimPodSpec(spec),
    ...(status === undefined
      ? {}
      : {
          status: {
            ...pick(status, 'phase', 'reason', 'message', 'startTime'),
            ...(status.conditions === undefined ? {} : { conditions: status.conditions.map(trimCondition) }),
            ...containers('containerStatuses', status.containerStatuses),
            ...containers('initContainerStatuses', status.initContainerStatuses),
          },
        }),
  };
}

/** Of volumes and limits only those of local storage are kept: a pod that exceeds them is evicted. */
function trimPodSpec(spec: PodSpec | undefined): PodSpec {
  if (spec === undefined) return { containers: [] };
  const volumes = spec.volumes?.filter(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ?? [];
  const initContainers =
    spec.initContainers?.map(trimContainer).filter(({ resources }) => resources !== undefined) ?? [];
  return {
    ...pick(spec, 'nodeName'),
    containers: spec.containers.map(trimContainer),
    ...(initContainers.length > 0 && { initContainers }),
    ...(volumes.length > 0 && { volumes: volumes.map((volume) => pick(volume, 'name', 'emptyDir')) }),
  };
}

function trimContainer({ name, image, resources }: Container): Container {
  const storage = resources?.limits?.['ephemeral-storage'];
  return { name, image, ...(storage !== undefined && { resources: { limits: { 'ephemeral-storage': storage } } }) };
}

function containers<K extends string>(key: K, statuses: ContainerStatus[] | undefined) {
  if (statuses === undefined) return {};
  const kept = statuses.map((status) => pick(status, 'name', 'state', 'lastState', 'restartCount', 'image', 'imageID'));
  return { [key]: kept } as Record<K, ContainerStatus[]>;
}

function trimCondition(condition: Condition): Condition {
  return pick(condition, 'type', 'status', 'reason', 'message', 'lastTransitionTime');
}

function trimMeta(metadata: ObjectMeta): ObjectMeta {
  return pick(
    metadata,
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  );
}

/** The given fields, without undefined ones. */
function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  const kept: Partial<Pick<T, K>> = {};
  for (const key of keys) if (from[key] !== undefined) kept[key] = from[key];
  return kept as Pick<T, K>;
}
