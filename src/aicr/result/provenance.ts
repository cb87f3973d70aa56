import { isImmutableRef } from '../job/image.ts';
import type { LogResult } from './log-reducer.ts';

/**
 * The log without its provenance, if its image may have changed since (docs/contract.md, section 11): a provenance says
 * which manifest the image shipped. A warning says that the provenance is missing.
 * @param image the image of the pod.
 */
export function publishable(log: LogResult, image: string): LogResult {
  if (log.provenance === undefined || isImmutableRef(image)) return log;
  const { provenance: _, ...rest } = log;
  const message = 'the provenance is not published: its image may change; name it by its digest';
  return { ...rest, warnings: [...log.warnings, { message, attributes: { image } }] };
}
