/**
 * Reads a catalog from its YAML text. The `yaml` package parses the text, once. yaml.v3's rules decide what the values
 * mean, since AICR reads its catalog with yaml.v3 (`catalog.Parse`). Workflows do not import this file: they receive
 * parsed documents.
 */
import {
  Alias,
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLParseError,
} from 'yaml';
import { ContractError } from '../contract-error.ts';
import { scalarTag, YamlError, type YamlNode } from '../go/yaml.ts';
import { type Catalog, parseCatalog } from './catalog.ts';
import { decodeAsWritten, decodeCatalog, type WrittenCatalog } from './decode-yaml.ts';

/**
 * The most characters of an error's first line, which may quote the document. The `yaml` package itself cuts the quoted
 * lines below it at 80.
 */
const MAX_PROBLEM = 200;

/** The `yaml` package reports its own `RangeError` with this message. */
const STACK_OVERFLOW = /^Maximum call stack size exceeded/;
const PARSE_FAILED = 'failed to parse catalog YAML';
const TOO_DEEP = 'Nested too deeply';

const UNPRINTABLE = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ufffd]/;

/** A catalog's text, parsed. */
export interface CatalogText {
  /** The content of the first document, the only one that AICR reads; null if the text has no document. */
  root: YamlNode;
  /** The line, counted from one, on which the next document starts, empty documents aside. */
  laterDocumentLine?: number;
}

/**
 * Parses the text, without decoding it.
 * @throws ContractError if the text is not YAML, with the `yaml` package's message: line, column, and a caret.
 */
export function readCatalogText(text: string): CatalogText {
  return withAicrErrors(() => {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      resolveKnownTags: false,
      uniqueKeys: false,
      logLevel: 'silent',
      keepSourceTokens: true,
      lineCounter: lines,
    });
    checkCharacters(text, lines);
    const [first, ...others] = documents;
    if (first !== undefined) checkSyntax(first);
    const later = others.find((document) => !isEmpty(document));
    return {
      root: new Converter(text, lines).node(first?.contents ?? null),
      ...(later !== undefined && { laterDocumentLine: lines.linePos(later.range[0]).line }),
    };
  });
}

/**
 * Decodes the catalog as AICR does (`catalog.Parse`), from the first document alone.
 * @throws ContractError with AICR's message, and yaml.v3's as its cause.
 */
export function catalogOf({ root }: CatalogText): Catalog {
  return parseCatalog(withAicrErrors(() => decodeCatalog(root)));
}

/**
 * Decodes the document for Proctor's stricter checks, from the same nodes and by the same rules as {@link catalogOf}.
 * @throws ContractError if the document cannot be decoded, for example if an anchor contains itself.
 */
export function writtenCatalogOf({ root }: CatalogText): WrittenCatalog {
  return withAicrErrors(() => decodeAsWritten(root));
}

function withAicrErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    // The package parses documents that are nested slightly deeper than this file and the decoder can recurse.
    if (error instanceof RangeError) throw new ContractError('INTERNAL', PARSE_FAILED, new YamlError(TOO_DEEP));
    if (!(error instanceof YamlError)) throw error;
    throw new ContractError('INTERNAL', PARSE_FAILED, error);
  }
}

type ParsedDocument = Document.Parsed<ParsedNode>;

function checkSyntax(document: ParsedDocument): void {
  const [error] = document.errors;
  if (error !== undefined) throw new YamlError(problemOf(error));
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.1')
    throw new YamlError(`%YAML ${version} is a version that AICR's reader does not accept: remove the directive`);
}

/** Refuses the control characters that YAML forbids, as yaml.v3 does. The `yaml` package accepts them. */
function checkCharacters(text: string, lines: LineCounter): void {
  const at = text.search(UNPRINTABLE);
  if (at === -1) return;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  const { line, col } = lines.linePos(at);
  throw new YamlError(`Control character U+${code} is not allowed at line ${line}, column ${col}`);
}

/** The parser's message (`… at line 3, column 5:`), shortened, and below it the quoted line and the caret, indented. */
function problemOf({ message }: YAMLParseError): string {
  const [problem = '', ...snippet] = message.replace(STACK_OVERFLOW, TOO_DEEP).trimEnd().split('\n');
  const head = problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem;
  return [head, ...snippet.filter((line) => line !== '').map((line) => `    ${line}`)].join('\n');
}

/** Whether a document has no content, or only null. A `---` at the end of a text starts an empty document. */
function isEmpty({ contents, errors }: ParsedDocument): boolean {
  if (errors.length > 0) return false;
  return (
    contents === null || (isScalar(contents) && scalarTag(contents.source, isPlain(contents), undefined) === '!!null')
  );
}

function isPlain({ type }: Scalar): boolean {
  return type === 'PLAIN';
}

/** Converts the `yaml` package's nodes to those that `decode-yaml.ts` decodes. */
class Converter {
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, YamlNode>();

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  /** @param before the tokens before this node's content, among them its anchor and its tag. */
  node(source: ParsedNode | null, before: readonly CST.SourceToken[] = []): YamlNode {
    const properties = before.find(({ type }) => type === 'anchor' || type === 'tag');
    const line = this.#lines.linePos(properties?.offset ?? source?.range[0] ?? 0).line;
    if (source instanceof Alias) return this.#alias(source.source, line);
    const node = this.#withoutChildren(source, line);
    // The anchor is set before the children are converted, since a collection may contain an alias of itself.
    if (source?.anchor !== undefined) this.#anchors.set(source.anchor, node);
    if (isMap(source))
      for (const { key, value, srcToken } of source.items)
        node.pairs.push([this.node(key, srcToken?.start), this.node(value, srcToken?.sep)]);
    if (isSeq(source))
      for (const [i, item] of source.items.entries())
        node.items.push(this.node(item, source.srcToken?.items[i]?.start));
    return node;
  }

  #withoutChildren(source: ParsedNode | null, line: number): YamlNode {
    const base = { value: '', line, items: [], pairs: [] };
    const tag = source?.tag === '!' ? undefined : source?.tag?.replace(/^tag:yaml\.org,2002:/, '!!');
    if (isMap(source)) return { ...base, kind: 'mapping', tag: tag ?? '!!map' };
    if (isSeq(source)) return { ...base, kind: 'sequence', tag: tag ?? '!!seq' };
    const value = isScalar(source) ? this.#textOf(source) : '';
    const plain = !isScalar(source) || isPlain(source);
    return {
      ...base,
      kind: 'scalar',
      // Lazy, because yaml.v3 checks a tag only when it decodes the scalar: a scalar that is not read may have any tag.
      get tag() {
        return scalarTag(value, plain, tag);
      },
      value,
    };
  }

  /** A scalar's text. The package ends a block scalar with a line break even if the document ends without one. */
  #textOf({ source, type, range }: Scalar.Parsed): string {
    const lacksLineBreak = type?.startsWith('BLOCK_') && this.#text[range[1] - 1] !== '\n';
    return lacksLineBreak ? source.replace(/\n$/, '') : source;
  }

  #alias(name: string, line: number): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlError(`unknown anchor '${name}' referenced`);
    return { kind: 'alias', tag: '', value: name, line, items: [], pairs: [], target };
  }
}
