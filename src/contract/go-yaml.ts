/**
 * YAML as gopkg.in/yaml.v3 sees it, on top of the `yaml` package: AICR reads its catalog with yaml.v3, so what a scalar is, on which line a
 * node stands and how an error reads are that library's. Not for workflows: only activities and scripts read YAML.
 */
import { Alias, type Document, isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap, type YAMLSeq } from 'yaml';
import { syntaxError } from './go-yaml-syntax.ts';

export interface YamlNode {
  kind: 'scalar' | 'mapping' | 'sequence' | 'alias';
  /** Short form, such as `!!int`. */
  tag: string;
  /** A scalar's text, an alias' anchor. */
  value: string;
  /** Counted from one. */
  line: number;
  /** Items; of a mapping, keys and values in turn. */
  content: YamlNode[];
  target?: YamlNode;
}

/** An error that ends the reading of a document; its message begins with `yaml: `. */
export class YamlError extends Error {
  constructor(message: string) {
    super(`yaml: ${message}`);
    this.name = 'YamlError';
  }
}

/** The root of the first document, or undefined if the text holds none. Further documents are not looked at. */
export function readYaml(text: string): YamlNode | undefined {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    strict: false,
  });
  if (!Array.isArray(documents)) return undefined;
  const [document] = documents;
  if (document === undefined) return undefined;
  const [error] = document.errors;
  if (error !== undefined) throw new YamlError(syntaxError(error, text));
  return document.contents === null ? undefined : new Converter(text).document(document);
}

class Converter {
  readonly #starts: number[];
  readonly #anchors = new Map<string, YamlNode>();

  constructor(text: string) {
    this.#starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  document(document: Document.Parsed): YamlNode {
    return this.#node(document.contents);
  }

  #node(source: unknown): YamlNode {
    if (source instanceof Alias) return this.#alias(source);
    const node = this.#bare(source);
    const anchor = (source as { anchor?: string } | null)?.anchor;
    if (anchor) this.#anchors.set(anchor, node);
    if (isMap(source)) this.#fillMapping(node, source);
    if (isSeq(source)) for (const item of (source as YAMLSeq).items) node.content.push(this.#node(item));
    return node;
  }

  #fillMapping(node: YamlNode, source: YAMLMap): void {
    for (const { key, value } of source.items) node.content.push(this.#node(key), this.#node(value));
  }

  #bare(source: unknown): YamlNode {
    const { tag, range } = (source ?? {}) as { tag?: string; range?: [number, number, number] | null };
    const line = this.#lineOf(range?.[0] ?? 0);
    const explicit = tag === undefined || tag === '!' ? undefined : tag.replace(/^tag:yaml\.org,2002:/, '!!');
    if (isMap(source)) return { kind: 'mapping', tag: explicit ?? '!!map', value: '', line, content: [] };
    if (isSeq(source)) return { kind: 'sequence', tag: explicit ?? '!!seq', value: '', line, content: [] };
    const value = isScalar(source) && typeof source.value === 'string' ? source.value : '';
    const plain = !isScalar(source) || source.type === undefined || source.type === 'PLAIN';
    return { kind: 'scalar', tag: scalarTag(value, plain, explicit), value, line, content: [] };
  }

  #alias(source: Alias): YamlNode {
    const target = this.#anchors.get(source.source);
    if (target === undefined) throw new YamlError(`unknown anchor '${source.source}' referenced`);
    return {
      kind: 'alias',
      tag: '',
      value: source.source,
      line: this.#lineOf(source.range?.[0] ?? 0),
      content: [],
      target,
    };
  }

  #lineOf(offset: number): number {
    let low = 0;
    for (let high = this.#starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

const RESOLVABLE = ['!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'];

/** A scalar's tag: given, or `!!str` for what is quoted, or what the plain text looks like. A given tag must fit the text. */
function scalarTag(value: string, plain: boolean, explicit: string | undefined): string {
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
