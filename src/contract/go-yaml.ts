/**
 * What gopkg.in/yaml.v3 makes of a scalar, and its errors: AICR reads its catalog with it (contract.md, section 11). The nodes come from
 * `catalog-yaml.ts`, the only place that reads YAML.
 */

export interface YamlNode {
  kind: 'scalar' | 'mapping' | 'sequence' | 'alias';
  /** Short form, such as `!!int`. */
  tag: string;
  /** A scalar's text, an alias' anchor. */
  value: string;
  /** Counted from one. */
  line: number;
  /** Of a sequence. */
  items: YamlNode[];
  /** Of a mapping: keys and values. */
  pairs: [YamlNode, YamlNode][];
  /** Of an alias. */
  target?: YamlNode;
}

/** An error that ends the reading of a document; its message begins with `yaml: `. */
export class YamlError extends Error {
  constructor(message: string) {
    super(`yaml: ${message}`);
    this.name = 'YamlError';
  }
}

const RESOLVABLE = ['!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'];

/** A scalar's tag: given, or `!!str` for what is quoted, or what the plain text looks like. A given tag must fit the text. */
export function scalarTag(value: string, plain: boolean, explicit: string | undefined): string {
  if (explicit === undefined) return plain ? plainTag(value) : '!!str';
  if (!RESOLVABLE.includes(explicit) || explicit === '!!str') return explicit;
  const found = plainTag(value);
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
const TIMESTAMP =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/;
const MAX_UINT64 = (1n << 64n) - 1n;

function plainTag(text: string): string {
  if (Object.hasOwn(WORDS, text)) return WORDS[text] ?? '';
  if (INFINITY.test(text)) return '!!float';
  if (text.startsWith('.')) return FLOAT.test(text) ? '!!float' : '!!str';
  if (!/^[-+0-9]/.test(text)) return '!!str';
  if (TIMESTAMP.test(text)) return '!!timestamp';
  const digits = text.replaceAll('_', '');
  if (isInteger(digits)) return '!!int';
  return FLOAT.test(digits) ? '!!float' : '!!str';
}

/** Go's integers: signed, in base 2, 8, 10 or 16, within 64 bits. */
function isInteger(text: string): boolean {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (!/^(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(octal)) return false;
  const value = BigInt(octal);
  if (sign === '') return value <= MAX_UINT64;
  return sign === '-' ? value <= 1n << 63n : value < 1n << 63n;
}
