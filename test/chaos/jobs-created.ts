import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

interface AuditEvent {
  stage: string;
  responseStatus?: { code?: number };
  responseObject?: { metadata?: { uid?: string; labels?: Record<string, string> } };
}

/**
 * Counts in the API server's own audit log (`dev/native/control-plane.ts`) how many Jobs were created for each run,
 * validator and attempt. The keys are these three, from the labels with which the Jobs were created, so that a Job with
 * another name counts too.
 */
export async function jobsCreated(auditLog: string): Promise<Map<string, number>> {
  const uids = new Map<string, Set<string>>();
  for await (const line of createInterface({ input: createReadStream(auditLog) })) {
    // All other lines are patches, or requests that are not handled yet.
    if (!line.includes('"code":201')) continue;
    const { responseObject } = JSON.parse(line) as AuditEvent;
    const { uid = '', labels = {} } = responseObject?.metadata ?? {};
    const key = keyOf(labels);
    uids.set(key, (uids.get(key) ?? new Set()).add(uid));
  }
  return new Map([...uids].map(([key, { size }]) => [key, size]));
}

function keyOf(labels: Record<string, string>): string {
  return ['aicr.run/run-id', 'proctor.run/validator', 'proctor.run/attempt'].map((name) => labels[name]).join(' ');
}
