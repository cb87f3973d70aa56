/**
 * A catalog from its YAML text, as AICR's `catalog.Parse` reads it (contract.md, section 11): with the `yaml` package's parser and yaml.v3's
 * rules and errors. Only activities and scripts import this; a workflow gets a document that is already parsed.
 */
import {
  Alias,
  type Document,
  isMap,
  isScalar,
  isSeq,
  parse,
  parseAllDocuments,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type Catalog, checkCatalog, type Fault, parseCatalog, unknownFields } from './catalog.ts';
import { decodeCatalog } from './catalog-decode.ts';
import { ContractError, errorText } from './error.ts';
import { scalarTag, YamlError, type YamlNode } from './go-yaml.ts';
import { syntaxError, unreadable } from './go-yaml-syntax.ts';

export function parseCatalogYaml(text: string): Catalog {
  return parseCatalog(readCatalog(text));
}

/** A catalog, and a warning for each of its fields that nothing reads. */
export interface ReadCatalog {
  catalog: Catalog;
  ignored: string[];
}

/** As {@link parseCatalogYaml}, but checked by Proctor's stricter rules first: with every fault, each by the path of its field. */
export function checkCatalogYaml(text: string, path: string): ReadCatalog | { faults: Fault[] } {
  try {
    const document: unknown = parse(text);
    const faults = checkCatalog(document, path);
    return faults.length > 0 ? { faults } : { catalog: parseCatalogYaml(text), ignored: unknownFields(document, path) };
  } catch (error) {
    // No YAML, or nested deeper than the reader's stack is.
    return { faults: [{ path, message: `cannot be read: ${errorText(error)}` }] };
  }
}

function readCatalog(text: string): unknown {
  try {
    return decodeCatalog(readYaml(text));
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ContractError('INTERNAL', 'failed to parse catalog YAML', error);
  }
}

/** The root of the first document, or undefined if the text holds none. Further documents are not looked at. */
function readYaml(text: string): YamlNode | undefined {
  const problem = unreadable(text);
  if (problem !== undefined) throw new YamlError(problem);
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
