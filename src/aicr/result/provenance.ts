import { isImmutableRef } from '../job/image.ts';
import type { LogResult } from './log-reducer.ts';

/**
 * Removes the provenance from a log, and adds a warning, if the image reference may name other content by now
 * (docs/contract.md, section 11). A provenance states which manifest the image shipped.
 * @param image the image of the pod.
 */
export function publishable(log: LogResult, image: string): LogResult {
  if (log.provenance === undefined || isImmutableRef(image)) return log;
  const { provenance: _, ...rest } = log;
  const message = 'the provenance is not published: its image may change; name it by its digest';
  return { ...rest, warnings: [...log.warnings, { message, attributes: { image } }] };
}
