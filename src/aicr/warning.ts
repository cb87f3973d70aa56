import { compareByBytes } from './go/utf8.ts';

/** A warning that AICR logs: its slog message and attributes. */
export interface Warning {
  message: string;
  attributes: Record<string, unknown>;
}

/** Prints a warning in one line: the message, then its attributes ordered by name, each value as JSON. */
export function warningText(warning: Warning): string {
  const attributes = Object.keys(warning.attributes)
    .sort(compareByBytes)
    .map((name) => `${name}=${JSON.stringify(warning.attributes[name])}`);
  return [warning.message, ...attributes].join(' ');
}
