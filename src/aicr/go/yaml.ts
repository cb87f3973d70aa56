/**
 * The types of scalars and the errors of gopkg.in/yaml.v3, with which AICR reads its catalog. The nodes come from
 * `catalog-yaml.ts`, the only file here that parses YAML.
 */

export interface YamlNode {
  kind: 'scalar' | 'mapping' | 'sequence' | 'alias';
  /** Short form, such as `!!int`. */
  tag: string;
  /** A scalar's text, or the name of an alias's anchor. */
  value: string;
  /** Counted from one. */
  line: number;
  /** The items of a sequence. */
  items: YamlNode[];
  /** The keys and values of a mapping. */
  pairs: [YamlNode, YamlNode][];
  /** The node that an alias refers to. */
  target?: YamlNode;
}

/** A document that cannot be read. As in Go, the message begins with `yaml: `; `problem` is the rest of it. */
export class YamlError extends Error {
  readonly problem: string;

  constructor(problem: string) {
    super(`yaml: ${problem}`);
    this.name = 'YamlError';
    this.problem = problem;
  }
}

const RESOLVABLE = ['!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'];

/**
 * A scalar's tag: the explicit one, `!!str` for a quoted text, or the tag that a plain text looks like. Throws if the
 * explicit tag does not fit the text.
 */
export function scalarTag(value: string, plain: boolean, explicit: string | undefined): string {
  if (explicit === undefined) return plain ? plainTag(value) : '!!str';
  if (!RESOLVABLE.includes(explicit) || explicit === '!!str') return explicit;
  const isDate = explicit === '!!timestamp' && isTimestamp(value);
  const found = isDate ? explicit : wordOrNumberTag(value);
  if (found === explicit || (found === '!!int' && explicit === '!!float')) return explicit;
  throw new YamlError(`cannot decode ${found} \`${value}\` as a ${explicit}`);
}

const WORDS: Record<string, string> = {
  ...{ true: '!!bool', True: '!!bool', TRUE: '!!bool', false: '!!bool', False: '!!bool', FALSE: '!!bool' },
  ...{ '': '!!null', '~': '!!null', null: '!!null', Null: '!!null', NULL: '!!null' },
  ...{ '.nan': '!!float', '.NaN': '!!float', '.NAN': '!!float', '<<': '!!merge' },
};

const INFINITY = /^[-+]?\.(inf|Inf|INF)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const TIME = String.raw`(?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:[.,]\d+)?`;
const ZONE = String.raw`(?:Z|[-+](?:[01]\d|2[0-4]):(?:[0-5]\d|60))`;
/** A time after a `T` has a zone, and a time after blanks has none. */
const TIMESTAMP = new RegExp(
  String.raw`^(\d{4})-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])(?:[Tt]${TIME}${ZONE}| +${TIME})?$`,
);
const MAX_UINT64 = (1n << 64n) - 1n;

function plainTag(text: string): string {
  return isTimestamp(text) ? '!!timestamp' : wordOrNumberTag(text);
}

function wordOrNumberTag(text: string): string {
  const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
  if (word !== undefined) return word;
  if (INFINITY.test(text)) return '!!float';
  const digits = /^[._]/.test(text) ? text : text.replaceAll('_', '');
  if (isInteger(digits)) return '!!int';
  return isFloat(digits) ? '!!float' : '!!str';
}

/** Whether the text is a number within the range of a 64-bit float. */
function isFloat(text: string): boolean {
  return FLOAT.test(text) && Number.isFinite(Number(text));
}

/** Whether the text is a date, perhaps with a time. The day must exist in its month. */
function isTimestamp(text: string): boolean {
  const found = TIMESTAMP.exec(text);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  // Leap years repeat after 400 years, and JavaScript reads a year below 100 as one of the 20th century.
  return day <= new Date(Date.UTC(year + 400, month, 0)).getUTCDate();
}

/** Whether Go reads the text as an integer: in base 2, 8, 10 or 16, within 64 bits. */
function isInteger(text: string): boolean {
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=[0-7])/, '0o');
  if (!/^(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(digits)) return false;
  const value = BigInt(digits);
  if (text.startsWith('-')) return value <= 1n << 63n;
  return text.startsWith('+') ? value < 1n << 63n : value <= MAX_UINT64;
}
