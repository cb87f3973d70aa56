import { isImmutableRef } from '../job/image.ts';
import type { LogResult } from './log-reducer.ts';

/**
 * What may be published of a log (contract.md, section 11): its provenance only where the image cannot have changed since, as it says which
 * manifest that image has shipped. What is held back is told beside the log.
 * @param image as the pod had it.
 */
export function publishable(log: LogResult, image: string): LogResult {
  if (log.provenance === undefined || isImmutableRef(image)) return log;
  const { provenance: _, ...rest } = log;
  const message = 'the provenance is not published: its image may change; name it by its digest';
  return { ...rest, warnings: [...log.warnings, { message, attributes: { image } }] };
}
