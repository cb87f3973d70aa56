import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Authority } from '../../fakes/certs.ts';
import { until } from '../harness.ts';
import type { Kube } from './kube.ts';

/** A step of a JSON patch (RFC 6902). */
export interface PatchStep {
  op: 'add' | 'replace';
  path: string;
  value: unknown;
}

/** Returns the changes to the object that is about to be created. @param number counts such objects, from 1. */
export type Mutation = (number: number) => PatchStep[];

interface Review {
  request: { uid: string; dryRun?: boolean };
}

/** A mutating admission webhook on a real HTTPS server, like those of service meshes and Kueue. */
export class Webhook {
  readonly #server: Server;
  readonly #authority: Authority;
  readonly #mutations = new Map<string, { mutation: Mutation; calls: number; reached: boolean }>();

  private constructor() {
    this.#authority = new Authority('proctor-webhook');
    this.#server = createServer(this.#authority.issue('/CN=webhook', ['IP:127.0.0.1']), async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const review = JSON.parse(Buffer.concat(parts).toString()) as Review;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.#answer(request.url?.replace(/\?.*/, '') ?? '', review)));
    });
  }

  static async start(): Promise<Webhook> {
    const webhook = new Webhook();
    await new Promise<void>((resolve) => webhook.#server.listen(0, '127.0.0.1', resolve));
    return webhook;
  }

  /**
   * Applies the mutation to each new Job or pod of the namespace for as long as the webhook's configuration exists.
   * Resolves when the API server calls the webhook. @returns the path of the configuration, for deleting it.
   */
  async mutate(kube: Kube, namespace: string, resource: 'pods' | 'jobs', mutation: Mutation): Promise<string> {
    const path = `/${namespace}`;
    const state = { mutation, calls: 0, reached: false };
    this.#mutations.set(path, state);
    const { port } = this.#server.address() as AddressInfo;
    await kube.create(CONFIGURATIONS, {
      metadata: { name: namespace },
      webhooks: [
        {
          name: 'injector.causes.test',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: {
            url: `https://127.0.0.1:${port}${path}`,
            caBundle: Buffer.from(this.#authority.cert).toString('base64'),
          },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          rules: [
            {
              operations: ['CREATE'],
              apiGroups: [resource === 'jobs' ? 'batch' : ''],
              apiVersions: ['v1'],
              resources: [resource],
            },
          ],
        },
      ],
    });
    const base = resource === 'jobs' ? '/apis/batch/v1' : '/api/v1';
    await until('the API server calls the webhook', async () => {
      await kube.create(`${base}/namespaces/${namespace}/${resource}?dryRun=All`, PROBES[resource]).catch(() => {});
      return state.reached;
    });
    return `${CONFIGURATIONS}/${namespace}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#authority.remove();
  }

  #answer(path: string, { request: { uid, dryRun } }: Review): unknown {
    const state = this.#mutations.get(path);
    const response = { uid, allowed: true };
    if (state !== undefined && dryRun !== true) {
      state.calls++;
      const steps = state.mutation(state.calls);
      if (steps.length > 0) {
        const patch = Buffer.from(JSON.stringify(steps)).toString('base64');
        Object.assign(response, { patchType: 'JSONPatch', patch });
      }
    } else if (state !== undefined) state.reached = true;
    return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
  }
}

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const POD = { containers: [{ name: 'probe', image: 'probe' }], restartPolicy: 'Never' };
const PROBES = {
  pods: { metadata: { name: 'probe' }, spec: POD },
  jobs: { metadata: { name: 'probe' }, spec: { template: { spec: POD } } },
};
