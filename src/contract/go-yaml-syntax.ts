/** yaml.v3's words for a syntax error that the `yaml` package found. */
import type { YAMLError } from 'yaml';

export function syntaxError(error: YAMLError, text: string): string {
  const line = error.linePos?.[0].line ?? lineOf(text, error.pos[0]);
  return `line ${line}: ${error.message.split('\n')[0] ?? ''}`;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
