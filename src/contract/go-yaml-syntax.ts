/** yaml.v3's words for a syntax error that the `yaml` package found. */

/** What of the package's error is used. */
export interface SyntaxFault {
  code: string;
  message: string;
  pos: [number, number];
  linePos?: { line: number; col: number }[] | undefined;
}

export function syntaxError(error: SyntaxFault, text: string): string {
  const line = error.linePos?.[0]?.line ?? lineOf(text, error.pos[0]);
  return `line ${line}: ${error.message.split('\n')[0] ?? ''}`;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
