import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';

const CONNECTIONS = 16;
const TRIES = 5;

/** Thousands of writes to an API server, as its own controllers make them. Proctor's client has two connections, on purpose. */
export class BulkClient {
  readonly #server: string;
  readonly #agent: Agent;

  constructor(kubeconfig: string) {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const from64 = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
    const { certData, keyData } = config.getCurrentUser() ?? {};
    const { server = '', caData } = config.getCurrentCluster() ?? {};
    this.#server = server;
    const connect = { ca: from64(caData), cert: from64(certData), key: from64(keyData) };
    this.#agent = new Agent({ connections: CONNECTIONS, allowH2: false, connect });
  }

  async send(method: 'POST' | 'PATCH', path: string, contentType: string, body: unknown): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { statusCode, body: answer } = await request(this.#server + path, {
        method,
        dispatcher: this.#agent,
        headers: { 'content-type': contentType },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (statusCode < 300) return;
      // The garbage collector or a controller was first.
      if (tries === TRIES || statusCode < 429)
        throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 300)}`);
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}
