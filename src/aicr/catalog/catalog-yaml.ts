/**
 * A catalog from its YAML text, as AICR's `catalog.Parse` reads it (contract.md, section 11): with the `yaml` package's parser and yaml.v3's
 * rules and errors. Only activities and scripts import this; a workflow gets a document that is already parsed.
 */
import {
  Alias,
  type CST,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import { ContractError } from '../contract-error.ts';
import { scalarTag, YamlError, type YamlNode } from '../go/yaml.ts';
import { checkSyntax } from '../go/yaml-syntax.ts';
import { type Catalog, parseCatalog } from './catalog.ts';
import { decodeCatalog } from './decode-yaml.ts';

export function parseCatalogYaml(text: string): Catalog {
  return parseCatalog(readCatalog(text));
}

function readCatalog(text: string): unknown {
  try {
    return decodeCatalog(readYaml(text));
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ContractError('INTERNAL', 'failed to parse catalog YAML', error);
  }
}

/** The root of the first document, null if the text holds none. Further documents are not looked at. */
function readYaml(text: string): YamlNode {
  checkSyntax(text);
  const lines = new LineCounter();
  const [document] = parseAllDocuments(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    logLevel: 'silent',
    keepSourceTokens: true,
    lineCounter: lines,
  });
  const [error] = document?.errors ?? [];
  // What only the package cannot read.
  if (error !== undefined) throw new YamlError(error.message.split('\n')[0] ?? '');
  return new Converter(text, lines).node(document?.contents ?? null);
}

class Converter {
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, YamlNode>();

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  /** @param before the tokens between what comes before a node and its content: its anchor and its tag are among them. */
  node(source: ParsedNode | null, before: readonly CST.SourceToken[] = []): YamlNode {
    const properties = before.find(({ type }) => type === 'anchor' || type === 'tag');
    const line = this.#lines.linePos(properties?.offset ?? source?.range[0] ?? 0).line;
    if (source instanceof Alias) return this.#alias(source.source, line);
    const node = this.#bare(source, line);
    if (source?.anchor !== undefined) this.#anchors.set(source.anchor, node);
    // Only now, since a collection may hold an alias of itself.
    if (isMap(source))
      for (const { key, value, srcToken } of source.items)
        node.pairs.push([this.node(key, srcToken?.start), this.node(value, srcToken?.sep)]);
    if (isSeq(source))
      for (const [i, item] of source.items.entries())
        node.items.push(this.node(item, source.srcToken?.items[i]?.start));
    return node;
  }

  #bare(source: ParsedNode | null, line: number): YamlNode {
    const bare = { value: '', line, items: [], pairs: [] };
    const tag = source?.tag === '!' ? undefined : source?.tag?.replace(/^tag:yaml\.org,2002:/, '!!');
    if (isMap(source)) return { ...bare, kind: 'mapping', tag: tag ?? '!!map' };
    if (isSeq(source)) return { ...bare, kind: 'sequence', tag: tag ?? '!!seq' };
    const value = isScalar(source) ? this.#textOf(source) : '';
    const plain = !isScalar(source) || source.type === 'PLAIN';
    return {
      ...bare,
      kind: 'scalar',
      // When it is asked for: yaml.v3 complains of a tag that does not fit where it decodes the scalar, and so not of what nothing reads.
      get tag() {
        return scalarTag(value, plain, tag);
      },
      value,
    };
  }

  /** A block scalar ends with a line break only if the text has one there. */
  #textOf({ source, type, range }: Scalar.Parsed): string {
    const isCut = type?.startsWith('BLOCK_') && this.#text[range[1] - 1] !== '\n';
    return isCut ? source.replace(/\n$/, '') : source;
  }

  #alias(name: string, line: number): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlError(`unknown anchor '${name}' referenced`);
    return { kind: 'alias', tag: '', value: name, line, items: [], pairs: [], target };
  }
}
