/** Readable differences between AICR's output and ours. */

const MAX_LINES = 12;
const MAX_SHOWN = 240;

/** One line for each difference; none if the two are the same. */
export function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return keys.flatMap((key) => differences(expected[key], actual[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`));
  }
  if (JSON.stringify(expected) === JSON.stringify(actual)) return [];
  return [`${path}: expected ${show(expected)}`, `${' '.repeat(path.length)}  but got ${show(actual)}`];
}

export function report(lines: readonly string[]): string {
  const shown = lines.slice(0, MAX_LINES).map((line) => `    ${line}`);
  return [...shown, ...(lines.length > MAX_LINES ? [`    … ${lines.length - MAX_LINES} more lines`] : [])].join('\n');
}

/** Fields that only say where a row comes from. */
const REMARKS = ['name', 'note', 'source', 'derived', 'inAicrTest', 'stale'];

/** A difference for each key of `value` that is not in `known`, so that no field remains unchecked. */
export function unknownKeys(value: object, known: readonly string[], path: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key) && !REMARKS.includes(key))
    .map((key) => `${path}.${key}: nothing compares this field`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN / 2)} … ${text.slice(-MAX_SHOWN / 2)}` : text;
}
