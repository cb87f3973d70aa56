/**
 * What yaml.v3 would put into AICR's Go types, and its errors for what does not fit (contract.md, section 11: "reports a bad timeout as a parse
 * error").
 */
import { parseGoDuration } from './go-duration.ts';
import { YamlError, type YamlNode } from './go-yaml.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** The document with every scalar as the text AICR would see; throws yaml.v3's error, with every mismatch in it. */
export function decodeCatalog(root: YamlNode | undefined): unknown {
  const decoder = new Decoder();
  const document = root === undefined ? NOTHING : decoder.decode(root, CATALOG);
  decoder.finish();
  return document === NOTHING ? undefined : document;
}

/** The shape of AICR's Go types, by the names its errors use. */
type Shape =
  | { kind: 'text' | 'duration' | 'any'; name: string }
  | { kind: 'list'; name: string; item: Shape }
  | { kind: 'map'; name: string; item: Shape }
  | { kind: 'struct'; name: string; fields: Record<string, Shape> };

const TEXT: Shape = { kind: 'text', name: 'string' };
const ANY: Shape = { kind: 'any', name: '' };

function listOf(item: Shape): Shape {
  return { kind: 'list', name: `[]${item.name}`, item };
}

function struct(name: string, fields: Record<string, Shape>): Shape {
  return { kind: 'struct', name, fields };
}

const DEPENDENCY = struct('v1.DependencyAffinity', {
  componentRef: TEXT,
  podLabelSelector: { kind: 'map', name: 'map[string]string', item: TEXT },
  requirement: { kind: 'text', name: 'v1.DependencyRequirement' },
  topologyKey: TEXT,
});

const ENTRY = struct('v1.ValidatorEntry', {
  name: TEXT,
  phase: TEXT,
  description: TEXT,
  image: TEXT,
  timeout: { kind: 'duration', name: 'time.Duration' },
  args: listOf(TEXT),
  env: listOf(struct('v1.EnvVar', { name: TEXT, value: TEXT })),
  resources: struct('v1.ResourceRequirements', { cpu: TEXT, memory: TEXT }),
  dependencyAffinity: listOf(DEPENDENCY),
  // Proctor's own: AICR does not know them and so finds no fault with them; `checkCatalog` does.
  exclusive: ANY,
  rerunnable: ANY,
});

const CATALOG = struct('v1.ValidatorCatalog', {
  apiVersion: TEXT,
  kind: TEXT,
  metadata: struct('v1.CatalogMetadata', { name: TEXT, version: TEXT }),
  validators: listOf(ENTRY),
});

/** Nothing was decoded: the node is null, or does not fit and its error is noted. The field keeps its zero value. */
const NOTHING = Symbol('nothing');

type Decoded = Record<string, unknown>;

class Decoder {
  readonly #errors: string[] = [];
  readonly #open = new Set<YamlNode>();
  #count = 0;
  #aliased = 0;

  finish(): void {
    if (this.#errors.length > 0) throw new YamlError(`unmarshal errors:\n  ${this.#errors.join('\n  ')}`);
  }

  decode(node: YamlNode, shape: Shape): unknown {
    this.#checkExpansion();
    if (node.kind === 'alias') return this.#alias(node, (target) => this.decode(target, shape));
    if (node.tag === '!!null') return NOTHING;
    if (node.kind === 'scalar') return this.#scalar(node, shape);
    return node.kind === 'sequence' ? this.#sequence(node, shape) : this.#mapping(node, shape, {}, new Set());
  }

  /** yaml.v3's limit to documents that unfold into far more than was written. */
  #checkExpansion(): void {
    this.#count++;
    if (this.#open.size > 0) this.#aliased++;
    if (this.#aliased > 100 && this.#count > 1000 && this.#aliased / this.#count > 0.99) {
      throw new YamlError('document contains excessive aliasing');
    }
  }

  #alias<T>(node: YamlNode, use: (target: YamlNode) => T): T | typeof NOTHING {
    if (this.#open.has(node)) throw new YamlError(`anchor '${node.value}' value contains itself`);
    if (node.target === undefined) return NOTHING;
    this.#open.add(node);
    try {
      return use(node.target);
    } finally {
      this.#open.delete(node);
    }
  }

  #scalar(node: YamlNode, shape: Shape): unknown {
    if (shape.kind === 'text') return node.value;
    if (shape.kind === 'any') return node.tag === '!!bool' ? /^t/i.test(node.value) : node.value;
    if (shape.kind === 'duration' && node.tag !== '!!int' && isDuration(node)) return node.value;
    return this.#mismatch(node, shape);
  }

  /** Items that are null or do not fit are left out, as yaml.v3 leaves them out. */
  #sequence(node: YamlNode, shape: Shape): unknown {
    if (shape.kind !== 'list' && shape.kind !== 'any') return this.#mismatch(node, shape);
    const item = shape.kind === 'list' ? shape.item : ANY;
    return node.content.map((child) => this.decode(child, item)).filter((value) => value !== NOTHING);
  }

  #mapping(node: YamlNode, shape: Shape, into: Decoded, taken: Set<string>): unknown {
    if (this.#hasDuplicates(node)) return NOTHING;
    if (shape.kind !== 'struct' && shape.kind !== 'map' && shape.kind !== 'any') return this.#mismatch(node, shape);
    let merge: YamlNode | undefined;
    const own = new Set<string>();
    for (const [key, value] of pairs(node)) {
      if (isMerge(key)) {
        merge = value;
        continue;
      }
      const name = this.decode(key, TEXT);
      if (typeof name !== 'string' || taken.has(name)) continue;
      own.add(name);
      this.#member(name, value, shape, into);
    }
    for (const name of own) taken.add(name);
    if (merge !== undefined) this.#merge(merge, shape, into, taken);
    return into;
  }

  #member(name: string, value: YamlNode, shape: Shape, into: Decoded): void {
    const item = shape.kind === 'struct' ? shape.fields[name] : shape.kind === 'map' ? shape.item : ANY;
    if (item === undefined || (shape.kind === 'struct' && !Object.hasOwn(shape.fields, name))) return;
    const decoded = this.decode(value, item);
    if (decoded !== NOTHING) into[name] = decoded;
    else if (shape.kind === 'map' && value.tag === '!!null') into[name] = '';
  }

  /** `<<`: the keys of one mapping or several, where the mapping has none of its own. */
  #merge(merge: YamlNode, shape: Shape, into: Decoded, taken: Set<string>): void {
    const sources = merge.kind === 'sequence' ? merge.content : [merge];
    for (const source of sources) {
      const mapping = source.kind === 'alias' ? source.target : source;
      if (mapping?.kind !== 'mapping') throw new YamlError('map merge requires map or sequence of maps as the value');
      if (source.kind === 'alias') this.#alias(source, (target) => this.#mapping(target, shape, into, taken));
      else this.#mapping(mapping, shape, into, taken);
    }
  }

  #hasDuplicates(node: YamlNode): boolean {
    const before = this.#errors.length;
    const keys = pairs(node).map(([key]) => key);
    for (const [index, first] of keys.entries()) {
      for (const later of keys.slice(index + 1)) {
        if (first.kind !== later.kind || first.value !== later.value) continue;
        const name = JSON.stringify(later.value);
        this.#errors.push(`line ${later.line}: mapping key ${name} already defined at line ${first.line}`);
      }
    }
    return this.#errors.length > before;
  }

  #mismatch(node: YamlNode, shape: Shape): typeof NOTHING {
    const value = node.kind === 'scalar' ? ` \`${shortened(node.value)}\`` : '';
    this.#errors.push(`line ${node.line}: cannot unmarshal ${node.tag}${value} into ${shape.name}`);
    return NOTHING;
  }
}

function isDuration(node: YamlNode): boolean {
  if (['!!bool', '!!float', '!!timestamp'].includes(node.tag)) return false;
  try {
    parseGoDuration(node.value);
    return true;
  } catch {
    return false;
  }
}

function pairs(node: YamlNode): [YamlNode, YamlNode][] {
  const out: [YamlNode, YamlNode][] = [];
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const [key, value] = [node.content[i], node.content[i + 1]];
    if (key !== undefined && value !== undefined) out.push([key, value]);
  }
  return out;
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && node.tag === '!!merge';
}

/** More than ten bytes are cut to seven, wherever that falls. */
function shortened(value: string): string {
  const bytes = encodeUtf8(value);
  return bytes.length > 10 ? `${decodeUtf8(bytes, 0, 7)}...` : value;
}
