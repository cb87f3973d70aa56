import { until } from '../harness.ts';
import type { Scene } from './scene.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

const template = { spec: { containers: [{ name: 'probe', image: 'probe' }], restartPolicy: 'Never' } };
const KINDS = {
  pods: { apiGroup: '', api: '/api/v1', probe: template },
  jobs: { apiGroup: 'batch', api: '/apis/batch/v1', probe: { spec: { template } } },
};

/**
 * Creates a ValidatingAdmissionPolicy that refuses every new pod or Job in the scene's namespace with this message.
 * Resolves when the API server enforces it.
 */
export async function forbidCreation(scene: Scene, resource: keyof typeof KINDS, message: string): Promise<void> {
  const { apiGroup, api, probe } = KINDS[resource];
  const { kube, namespace } = scene;
  const name = namespace;
  await kube.create(`${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [apiGroup], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] }],
      },
      validations: [{ expression: 'false', message }],
    },
  });
  scene.onClose(`${ADMISSION}/validatingadmissionpolicies/${name}`);
  await kube.create(`${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  });
  scene.onClose(`${ADMISSION}/validatingadmissionpolicybindings/${name}`);
  await until('the policy is enforced', async () => {
    const one = { metadata: { name: 'probe' }, ...probe };
    const answer = await kube.create(`${api}/namespaces/${namespace}/${resource}?dryRun=All`, one).catch(String);
    return String(answer).includes(message);
  });
}
