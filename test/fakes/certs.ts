import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cert {
  cert: string;
  key: string;
}

/** A certificate authority for tests, created with openssl. */
export class Authority {
  readonly cert: string;
  readonly #folder: string;

  constructor(name: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'proctor-ca-'));
    this.#openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
    );
    this.cert = this.#read('ca.crt');
  }

  /** @param names subjectAltName entries such as `IP:127.0.0.1` or `DNS:kube.internal`; none for a client. */
  issue(subject: string, names: string[] = []): Cert {
    this.#openssl('req', ...NEW_KEY, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', subject);
    writeFileSync(join(this.#folder, 'ext'), names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`);
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'ext'];
    this.#openssl('x509', '-req', '-in', 'leaf.csr', '-out', 'leaf.crt', ...by);
    return { cert: this.#read('leaf.crt'), key: this.#read('leaf.key') };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
