import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';

const CONNECTIONS = 16;
const MAX_ATTEMPTS = 5;

/** A client for thousands of writes to an API server. Proctor's own client is limited to two connections. */
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

  /** Sends a request, and retries it up to four times if the server is overloaded or fails. */
  async send(method: 'POST' | 'PATCH', path: string, contentType: string, body: unknown): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { statusCode, body: answer } = await request(this.#server + path, {
        method,
        dispatcher: this.#agent,
        headers: { 'content-type': contentType },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (statusCode < 300) return;
      if (attempt === MAX_ATTEMPTS || statusCode < 429) {
        throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 300)}`);
      }
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}
