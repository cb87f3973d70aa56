/**
 * What yaml.v3 would put into AICR's Go types, and its errors for what does not fit (contract.md, section 11: "reports a bad timeout as a parse
 * error").
 */
import { parseGoDuration } from '../go/duration.ts';
import { goQuote } from '../go/quote.ts';
import { decodeUtf8, encodeUtf8 } from '../go/utf8.ts';
import { YamlError, type YamlNode } from '../go/yaml.ts';

/** The document with every scalar as the text AICR would see; throws yaml.v3's error, with every mismatch in it. */
export function decodeCatalog(root: YamlNode): unknown {
  const decoder = new Decoder();
  const document = decoder.decode(root, CATALOG);
  decoder.finish();
  return document === NOTHING ? undefined : document;
}

/** Nothing was decoded: the node is null, or does not fit and its error is noted. The field keeps its zero value. */
const NOTHING = Symbol('nothing');

/** One of AICR's Go types: what it can be made of. */
interface Shape {
  /** As yaml.v3's errors call it. */
  name: string;
  /** Undefined for a scalar that does not fit. */
  scalar?: (node: YamlNode) => unknown;
  item?: Shape;
  /** Undefined for a key that nothing reads. */
  member?: (key: string) => Shape | undefined;
  /** What null is, where it is not nothing. */
  null?: string;
}

const TEXT: Shape = { name: 'string', scalar: ({ value }) => value };
const DURATION: Shape = { name: 'time.Duration', scalar: durationOf };
// A mapping's null values are in it, with their zero value.
const TEXTS_BY_KEY: Shape = { name: 'map[string]string', member: () => ({ ...TEXT, null: '' }) };
/** Proctor's own fields: AICR does not know them and so finds no fault with them; `checkCatalog` does. */
const ANY: Shape = {
  name: '',
  scalar: ({ tag, value }) => (tag === '!!bool' ? /^t/i.test(value) : value),
  get item() {
    return ANY;
  },
  member: () => ANY,
};

function listOf(item: Shape): Shape {
  return { name: `[]${item.name}`, item };
}

function struct(name: string, fields: Record<string, Shape>): Shape {
  const byName = new Map(Object.entries(fields));
  return { name, member: (key) => byName.get(key) };
}

const DEPENDENCY = struct('v1.DependencyAffinity', {
  componentRef: TEXT,
  podLabelSelector: TEXTS_BY_KEY,
  requirement: { ...TEXT, name: 'v1.DependencyRequirement' },
  topologyKey: TEXT,
});

const ENTRY = struct('v1.ValidatorEntry', {
  name: TEXT,
  phase: TEXT,
  description: TEXT,
  image: TEXT,
  timeout: DURATION,
  args: listOf(TEXT),
  env: listOf(struct('v1.EnvVar', { name: TEXT, value: TEXT })),
  resources: struct('v1.ResourceRequirements', { cpu: TEXT, memory: TEXT }),
  dependencyAffinity: listOf(DEPENDENCY),
  exclusive: ANY,
  rerunnable: ANY,
});

const CATALOG = struct('v1.ValidatorCatalog', {
  apiVersion: TEXT,
  kind: TEXT,
  metadata: struct('v1.CatalogMetadata', { name: TEXT, version: TEXT }),
  validators: listOf(ENTRY),
});

type Decoded = Record<string, unknown>;

class Decoder {
  readonly #errors: string[] = [];
  readonly #open = new Set<YamlNode>();
  /** The document itself is the first. */
  #count = 1;
  #aliased = 0;

  finish(): void {
    if (this.#errors.length > 0) throw new YamlError(`unmarshal errors:\n  ${this.#errors.join('\n  ')}`);
  }

  /**
   * @param into a mapping that gets the keys of this one.
   * @param taken keys that it has from before, where this one is merged into it.
   */
  decode(node: YamlNode, shape: Shape, into: Decoded = {}, taken?: Set<unknown>): unknown {
    this.#checkExpansion();
    const { kind, target } = node;
    if (target !== undefined) return this.#follow(node, () => this.decode(target, shape, into, taken));
    if (kind === 'sequence') return this.#sequence(node, shape);
    if (kind === 'mapping') return this.#mapping(node, shape, into, taken);
    if (node.tag === '!!null') return shape.null ?? NOTHING;
    return shape.scalar?.(node) ?? this.#mismatch(node, shape);
  }

  /** yaml.v3's limit to documents that unfold into far more than was written. It also asks for a hundred aliased steps, which these are. */
  #checkExpansion(): void {
    this.#count++;
    if (this.#open.size > 0) this.#aliased++;
    if (this.#count > 1000 && this.#aliased / this.#count > allowedRatio(this.#count)) {
      throw new YamlError('document contains excessive aliasing');
    }
  }

  #follow(alias: YamlNode, decode: () => unknown): unknown {
    if (this.#open.has(alias)) throw new YamlError(`anchor '${alias.value}' value contains itself`);
    this.#open.add(alias);
    const value = decode();
    this.#open.delete(alias);
    return value;
  }

  /** Items that are null or do not fit are left out, as yaml.v3 leaves them out. */
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
      const name = this.decode(key, TEXT);
      if (typeof name !== 'string' || taken?.has(name)) continue;
      taken?.add(name);
      const member = shape.member(name);
      const decoded = member === undefined ? NOTHING : this.decode(value, member);
      if (decoded !== NOTHING) into[name] = decoded;
    }
    if (merge !== undefined) this.#merge(merge, shape, into, taken ?? this.#keysOf(node));
    return into;
  }

  #keysOf(node: YamlNode): Set<unknown> {
    return new Set(node.pairs.map(([key]) => this.decode(key, ANY)));
  }

  /** `<<`: the keys of one mapping or several, where the mapping has none of its own. */
  #merge(merge: YamlNode, shape: Shape, into: Decoded, taken: Set<unknown>): void {
    for (const source of merge.kind === 'sequence' ? merge.items : [merge]) {
      if ((source.target ?? source).kind !== 'mapping') {
        throw new YamlError('map merge requires map or sequence of maps as the value');
      }
      this.decode(source, shape, into, taken);
    }
  }

  #hasDuplicates(node: YamlNode): boolean {
    const before = this.#errors.length;
    const keys = node.pairs.map(([key]) => key);
    for (const [index, first] of keys.entries()) {
      for (const later of keys.slice(index + 1)) {
        if (first.kind !== later.kind || first.value !== later.value) continue;
        this.#errors.push(
          `line ${later.line}: mapping key ${goQuote(later.value)} already defined at line ${first.line}`,
        );
      }
    }
    return this.#errors.length > before;
  }

  #mismatch({ tag, value, line }: YamlNode, shape: Shape): typeof NOTHING {
    const shown = tag === '!!seq' || tag === '!!map' ? value : ` \`${shortened(value)}\``;
    this.#errors.push(`line ${line}: cannot unmarshal ${tag}${shown} into ${shape.name}`);
    return NOTHING;
  }
}

/** How much of the decoding may be of aliases: 99 % of 400,000 steps, and evenly less until 10 % of 4,000,000. */
function allowedRatio(count: number): number {
  return 0.99 - 0.89 * Math.min(1, Math.max(0, (count - 400_000) / 3_600_000));
}

/** A duration's text; numbers are none, not even 0. */
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

/** More than ten bytes are cut to seven, wherever that falls. */
function shortened(value: string): string {
  const bytes = encodeUtf8(value);
  return bytes.length > 10 ? `${decodeUtf8(bytes, 0, 7)}...` : value;
}
