/**
 * Decodes YAML nodes as yaml.v3 decodes them into AICR's Go types, with yaml.v3's errors for values that do not fit.
 * The same decoder produces the document for Proctor's stricter checks, so that aliases, merge keys and duplicate keys
 * mean the same to both.
 */
import { parseGoDuration } from '../go/duration.ts';
import { goQuote } from '../go/quote.ts';
import { decodeUtf8, encodeUtf8 } from '../go/utf8.ts';
import { YamlError, type YamlNode } from '../go/yaml.ts';
import { CATALOG, type Field, type Fields, type Kind } from './catalog-fields.ts';
import { WrittenScalar } from './written-scalar.ts';

/** Decodes the document, each scalar to the text that AICR sees. Throws yaml.v3's error, which lists every mismatch. */
export function decodeCatalog(root: YamlNode): unknown {
  const decoder = new Decoder();
  const document = decoder.decode(root, shapeOf(CATALOG));
  const problems = decoder.problems();
  if (problems.length > 0) throw new YamlError(`unmarshal errors:\n  ${problems.join('\n  ')}`);
  return document === NOTHING ? undefined : document;
}

export interface WrittenCatalog {
  /**
   * The known fields with whatever value they have. A scalar that YAML does not read as text is a
   * {@link WrittenScalar}. Unknown fields are null.
   */
  document: unknown;
  /** yaml.v3's errors about duplicate keys, and about keys that are not scalars. */
  problems: string[];
}

/** Decodes the document for Proctor's checks: any value is accepted, and scalars show how they were written. */
export function decodeAsWritten(root: YamlNode): WrittenCatalog {
  const decoder = new Decoder();
  return { document: decoder.decode(root, writtenShapeOf(CATALOG)), problems: decoder.problems() };
}

/** Nothing was decoded: the node is null, or does not fit and has an error. The field keeps its zero value. */
const NOTHING = Symbol('nothing');

/** How nodes are decoded into one of AICR's Go types. */
interface Shape {
  /** The type's name in yaml.v3's errors. */
  name: string;
  /** Returns undefined for a scalar that does not fit. */
  scalar?: (node: YamlNode) => unknown;
  item?: Shape;
  /** Returns undefined for an unknown key, whose value is ignored. */
  member?: (key: string) => Shape | undefined;
  /** Decodes null. Without this function, null leaves the zero value. */
  null?: (node: YamlNode) => unknown;
  /** The value is skipped and becomes null. */
  unread?: true;
}

/** For Proctor's own fields, which AICR does not know, so that it accepts any value. */
const ANY: Shape = {
  name: '',
  scalar: ({ tag, value }) => (tag === '!!bool' ? /^t/i.test(value) : value),
  get item() {
    return ANY;
  },
  member: () => ANY,
};

/** For the document that Proctor's checks read. */
const WRITTEN: Shape = {
  name: '',
  scalar: writtenScalar,
  get item() {
    return WRITTEN;
  },
  member: () => WRITTEN,
  null: ({ value }) => (value === '' || value === '~' ? null : new WrittenScalar(value, 'no value')),
};

const UNREAD: Shape = { name: '', unread: true };

function shapeOf(kind: Kind | Field): Shape {
  if ('proctorOnly' in kind) return ANY;
  switch (kind.kind) {
    case 'text':
      return text(kind.goType ?? 'string');
    case 'duration':
      return { name: 'time.Duration', scalar: durationOf };
    case 'boolean':
      return ANY;
    case 'labels':
      // Unlike elsewhere, yaml.v3 keeps a null value in this type, as an empty string.
      return { name: 'map[string]string', member: () => ({ ...text('string'), null: () => '' }) };
    case 'list': {
      const item = shapeOf(kind.of);
      return { name: `[]${item.name}`, item };
    }
    case 'record':
      return { name: kind.goType, member: membersOf(kind.fields, shapeOf) };
  }
}

function text(name: string): Shape {
  return { name, scalar: ({ value }) => value };
}

function membersOf(fields: Fields, shape: (field: Field) => Shape): (name: string) => Shape | undefined {
  const byName = new Map(Object.entries(fields).map(([name, field]) => [name, shape(field)]));
  return (name) => byName.get(name);
}

/** Accepts any value. Unknown fields are skipped, since yaml.v3 does not count their nodes towards its alias limit. */
function writtenShapeOf(kind: Kind): Shape {
  if (kind.kind === 'list') return { ...WRITTEN, item: writtenShapeOf(kind.of) };
  if (kind.kind !== 'record') return WRITTEN;
  const known = membersOf(kind.fields, writtenShapeOf);
  return { ...WRITTEN, member: (name) => known(name) ?? UNREAD };
}

/** The decoded values by key. A map, since a key may be `__proto__`. */
type Decoded = Map<string, unknown>;

/** Bounds the errors about a key that is repeated many times: there is one for each pair of equal keys. */
const MAX_PROBLEMS = 100;

class Decoder {
  readonly #problems: string[] = [];
  /** The aliases that are being followed. */
  readonly #openAliases = new Set<YamlNode>();
  /** Nodes decoded so far. yaml.v3 counts the document itself, too. */
  #count = 1;
  /** Those of them that were reached through an alias. */
  #aliased = 0;

  problems(): string[] {
    return this.#problems;
  }

  #note(problem: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }

  /**
   * Decodes a node; {@link NOTHING} if it is null or does not fit.
   * @param into the mapping to add keys to, if the node is merged into one (`<<`).
   * @param taken the keys that `into` already has.
   */
  decode(node: YamlNode, shape: Shape, into: Decoded = new Map(), taken?: Set<unknown>): unknown {
    if (shape.unread === true) return null;
    this.#checkExpansion();
    const { kind, target } = node;
    if (target !== undefined) return this.#follow(node, () => this.decode(target, shape, into, taken));
    if (kind === 'sequence') return this.#sequence(node, shape);
    if (kind === 'mapping') return this.#mapping(node, shape, into, taken);
    if (node.tag === '!!null') return shape.null === undefined ? NOTHING : shape.null(node);
    return shape.scalar?.(node) ?? this.#mismatch(node, shape);
  }

  /**
   * yaml.v3's limit for documents whose aliases expand to far more than the text contains. yaml.v3 also requires more
   * than 100 aliased nodes, which the condition below implies.
   */
  #checkExpansion(): void {
    this.#count++;
    if (this.#openAliases.size > 0) this.#aliased++;
    if (this.#count > 1000 && this.#aliased / this.#count > allowedRatio(this.#count)) {
      throw new YamlError('document contains excessive aliasing');
    }
  }

  #follow(alias: YamlNode, decode: () => unknown): unknown {
    if (this.#openAliases.has(alias)) throw new YamlError(`anchor '${alias.value}' value contains itself`);
    this.#openAliases.add(alias);
    const value = decode();
    this.#openAliases.delete(alias);
    return value;
  }

  /** Like yaml.v3, leaves out items that are null or do not fit. */
  #sequence(node: YamlNode, shape: Shape): unknown {
    const { item } = shape;
    if (item === undefined) return this.#mismatch(node, shape);
    return node.items.map((child) => this.decode(child, item)).filter((value) => value !== NOTHING);
  }

  #mapping(node: YamlNode, shape: Shape, into: Decoded, taken?: Set<unknown>): unknown {
    if (this.#hasDuplicates(node)) return NOTHING;
    if (shape.member === undefined) return this.#mismatch(node, shape);
    let merge: YamlNode | undefined;
    for (const [key, value] of node.pairs) {
      if (isMerge(key)) {
        merge = value;
        continue;
      }
      const name = this.decode(key, KEY);
      if (typeof name !== 'string' || taken?.has(name)) continue;
      taken?.add(name);
      const member = shape.member(name);
      const decoded = member === undefined ? NOTHING : this.decode(value, member);
      if (decoded !== NOTHING) into.set(name, decoded);
    }
    if (merge !== undefined) this.#merge(merge, shape, into, taken ?? this.#keysOf(node));
    return Object.fromEntries(into);
  }

  #keysOf(node: YamlNode): Set<unknown> {
    return new Set(node.pairs.map(([key]) => this.decode(key, ANY)));
  }

  /** Merges one or several mappings (`<<`) into `into`, without the keys that are taken. */
  #merge(merge: YamlNode, shape: Shape, into: Decoded, taken: Set<unknown>): void {
    for (const source of merge.kind === 'sequence' ? merge.items : [merge]) {
      if ((source.target ?? source).kind !== 'mapping') {
        throw new YamlError('map merge requires map or sequence of maps as the value');
      }
      this.decode(source, shape, into, taken);
    }
  }

  #hasDuplicates(node: YamlNode): boolean {
    const keys = node.pairs.map(([key]) => key);
    const same = Map.groupBy(keys, identityOf);
    if (same.size === keys.length) return false;
    for (const first of keys) {
      const equal = same.get(identityOf(first)) ?? [];
      for (const later of equal.slice(equal.indexOf(first) + 1)) {
        if (this.#problems.length === MAX_PROBLEMS) return true;
        this.#note(`line ${later.line}: mapping key ${goQuote(later.value)} already defined at line ${first.line}`);
      }
    }
    return true;
  }

  #mismatch({ tag, value, line }: YamlNode, shape: Shape): typeof NOTHING {
    const shown = tag === '!!seq' || tag === '!!map' ? value : ` \`${shortened(value)}\``;
    this.#note(`line ${line}: cannot unmarshal ${tag}${shown} into ${shape.name}`);
    return NOTHING;
  }
}

const KEY = text('string');

function identityOf({ kind, value }: YamlNode): string {
  return `${kind} ${value}`;
}

function writtenScalar({ tag, value }: YamlNode): unknown {
  if (tag === '!!int' || tag === '!!float') return new WrittenScalar(value, 'a number');
  return tag === '!!bool' ? new WrittenScalar(value, 'a boolean') : value;
}

/** The share of nodes that may be aliased: 99 % of up to 400,000 nodes, falling linearly to 10 % of 4,000,000. */
function allowedRatio(count: number): number {
  return 0.99 - 0.89 * Math.min(1, Math.max(0, (count - 400_000) / 3_600_000));
}

/** The text if it is a duration. A number is not a duration, not even 0. */
function durationOf({ tag, value }: YamlNode): string | undefined {
  if (tag === '!!int' || tag === '!!float') return undefined;
  try {
    parseGoDuration(value);
    return value;
  } catch {
    return undefined;
  }
}

function isMerge(node: YamlNode): boolean {
  return node.value === '<<' && node.tag === '!!merge';
}

/** Cuts a text of more than ten bytes to seven, even within a character, as yaml.v3's errors do. */
function shortened(value: string): string {
  const bytes = encodeUtf8(value);
  return bytes.length > 10 ? `${decodeUtf8(bytes, 0, 7)}...` : value;
}
