import { compareByBytes } from './go/utf8.ts';

/** Something AICR logs at WARN and goes on: its slog message with its attributes. */
export interface Warning {
  message: string;
  attributes: Record<string, unknown>;
}

/** One line of text for a warning: the message, then its attributes in the order of their names, each value as JSON. */
export function warningText(warning: Warning): string {
  const attributes = Object.keys(warning.attributes)
    .sort(compareByBytes)
    .map((name) => `${name}=${JSON.stringify(warning.attributes[name])}`);
  return [warning.message, ...attributes].join(' ');
}
