import { until } from '../harness.ts';
import type { Scene } from './scene.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** A ValidatingAdmissionPolicy that refuses every pod of the scene's namespace with this message, once it is in force. */
export async function forbidPods(scene: Scene, message: string): Promise<void> {
  const { kube, namespace } = scene;
  const name = namespace;
  await kube.create(`${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
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
  await until('the policy is in force', async () => {
    const probe = { metadata: { name: 'probe' }, spec: { containers: [{ name: 'probe', image: 'probe' }] } };
    const answer = await kube.create(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, probe).catch(String);
    return String(answer).includes(message);
  });
}
