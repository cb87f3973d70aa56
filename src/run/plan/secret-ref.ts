import { SECRET_NAME } from '../schema/secret-field.ts';

/** How a request names a secret: by a Secret of the run's namespace and a key in it, never by its value. */
export interface SecretRef {
  secretKeyRef: { name: string; key: string };
}

/** A Kubernetes object's name and a Secret's key, as the API server accepts them. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

const SHAPE =
  'must be {"secretKeyRef": {"name", "key"}}, with the name of a Secret and one of its keys, and no other field';

export function isSecretRef(value: unknown): value is SecretRef {
  const { secretKeyRef, ...rest } = (value ?? {}) as { secretKeyRef?: { name?: unknown; key?: unknown } };
  const { name, key, ...more } = secretKeyRef ?? {};
  return (
    Object.keys({ ...rest, ...more }).length === 0 &&
    typeof name === 'string' &&
    OBJECT_NAME.test(name) &&
    typeof key === 'string' &&
    SECRET_KEY.test(key)
  );
}

/** What is wrong with a value that is not a {@link SecretRef}. Never shows the value: it may be the secret itself. */
export function secretRefAdvice(value: unknown): string {
  return typeof value === 'string' ? clearTextAdvice() : SHAPE;
}

/** What to do about a secret that was given in clear text. */
export function clearTextAdvice(): string {
  return (
    "is a secret, and in clear text it stays in Temporal's history: revoke this one. Put the new one into a Secret of the run's namespace " +
    '(kubectl -n NAMESPACE create secret generic hf --from-file=token=FILE) and name that in the request: ' +
    `"forward": {"${SECRET_NAME}": {"secretKeyRef": {"name": "hf", "key": "token"}}}`
  );
}
