/**
 * Whether yaml.v3 can read a text, and what it says if not: AICR's message for a catalog that is no YAML quotes it. Its grammar over the tokens
 * of its scanner (`go-yaml-scanner.ts`), with a stack of our own instead of recursion, since a text may be nested as deep as it likes.
 */
import { YamlError } from './yaml.ts';
import { Scanner, type Token, type TokenKind } from './yaml-scanner.ts';

/** Throws yaml.v3's error for the first document of the text. It looks no further. */
export function checkSyntax(text: string): void {
  new Parser(new Scanner(text)).document();
}

const NO_NODE: readonly TokenKind[] = ['%YAML', '%TAG', '---', '...', 'end'];

class Parser {
  readonly #scanner: Scanner;
  /** What is to come when the node that is read has ended, innermost last. */
  readonly #next: (() => void)[] = [];
  readonly #tagHandles = new Set<string>();
  readonly #anchors = new Set<string>();

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): void {
    if (this.#is('%YAML', '%TAG', '---')) {
      this.#directives();
      if (!this.#is('---')) this.#fail('did not find expected <document start>');
      this.#scanner.skip();
      if (!this.#is(...NO_NODE)) this.#node();
    } else if (!this.#is('end')) this.#node();
    for (let next = this.#next.pop(); next !== undefined; next = this.#next.pop()) next();
    // It reads on until it sees that the document has ended.
    this.#scanner.peek();
  }

  #is(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.#scanner.peek().kind);
  }

  /** Skips the token if it is of this kind. */
  #took(kind: TokenKind): boolean {
    const is = this.#is(kind);
    if (is) this.#scanner.skip();
    return is;
  }

  /** The line is that at which the thing began, or else that of the token: counted from zero, and none is named for the first. */
  #fail(problem: string, begun = 0, token = this.#scanner.peek()): never {
    const line = begun || token.line;
    throw new YamlError(line === 0 ? problem : `line ${line}: ${problem}`);
  }

  #directives(): void {
    let version: string | undefined;
    for (let token = this.#scanner.peek(); token.kind.startsWith('%'); token = this.#scanner.peek()) {
      if (token.kind === '%YAML') {
        if (version !== undefined) this.#fail('found duplicate %YAML directive');
        version = token.text;
        if (version !== '1.1') this.#fail('found incompatible YAML document');
      } else {
        if (this.#tagHandles.has(token.text)) this.#fail('found duplicate %TAG directive');
        this.#tagHandles.add(token.text);
      }
      this.#scanner.skip();
    }
  }

  #node(isValue = false): void {
    const { kind: first, text: name, line: begun } = this.#scanner.peek();
    if (first === 'alias') {
      this.#alias(name);
      return;
    }
    const isBare = !this.#properties(begun);
    const { kind, line } = this.#scanner.peek();
    // A sequence that is a mapping's value may stand at the mapping's own column: nothing but its dashes begins it.
    if (isValue && kind === '-') this.#dashes();
    else if (kind === 'scalar') this.#scanner.skip();
    else if (kind === '[') this.#open(() => this.#flow(']', line, true));
    else if (kind === '{') this.#open(() => this.#flow('}', line, true));
    else if (kind === 'block sequence') this.#open(() => this.#blockSequence(line));
    else if (kind === 'block mapping') this.#open(() => this.#blockMapping(line));
    else if (isBare) this.#fail('did not find expected node content', begun);
  }

  #nodeUnless(...absent: readonly TokenKind[]): void {
    if (!this.#is(...absent)) this.#node();
  }

  /** A block mapping's key or value, unless what follows says that it is empty. */
  #keyOrValue(): void {
    if (!this.#is('?', ':', 'block end')) this.#node(true);
  }

  #open(content: () => void): void {
    this.#scanner.skip();
    this.#next.push(content);
  }

  #alias(name: string): void {
    if (!this.#anchors.has(name)) throw new YamlError(`unknown anchor '${name}' referenced`);
    this.#scanner.skip();
  }

  /** A tag and an anchor, in either order; whether there was one. */
  #properties(begun: number): boolean {
    const seen: Token[] = [];
    for (let token = this.#scanner.peek(); isProperty(token, seen); token = this.#scanner.peek()) {
      seen.push(token);
      this.#scanner.skip();
    }
    const tag = seen.find(({ kind }) => kind === 'tag');
    if (tag !== undefined && !['!', '!!', ...this.#tagHandles].includes(tag.text)) {
      this.#fail('found undefined tag handle', begun, tag);
    }
    const anchor = seen.find(({ kind }) => kind === 'anchor');
    if (anchor !== undefined) this.#anchors.add(anchor.text);
    return seen.length > 0;
  }

  #dashes(): void {
    if (!this.#took('-')) return;
    this.#next.push(() => this.#dashes());
    this.#nodeUnless('-', '?', ':', 'block end');
  }

  #blockSequence(begun: number): void {
    if (this.#took('block end')) return;
    if (!this.#took('-')) this.#fail("did not find expected '-' indicator", begun);
    this.#next.push(() => this.#blockSequence(begun));
    this.#nodeUnless('-', 'block end');
  }

  #blockMapping(begun: number): void {
    if (this.#took('block end')) return;
    if (!this.#took('?')) this.#fail('did not find expected key', begun);
    this.#next.push(() => this.#blockValue(begun));
    this.#keyOrValue();
  }

  #blockValue(begun: number): void {
    this.#next.push(() => this.#blockMapping(begun));
    if (this.#took(':')) this.#keyOrValue();
  }

  /** Both kinds of flow collections: an item of a sequence may be a mapping of one pair, and one of a mapping no pair. */
  #flow(closing: ']' | '}', begun: number, isFirst: boolean): void {
    if (this.#took(closing)) return;
    if (!isFirst) {
      if (!this.#took(',')) this.#fail(`did not find expected ',' or '${closing}'`, begun);
      if (this.#took(closing)) return;
    }
    this.#next.push(() => this.#flow(closing, begun, false));
    if (this.#took('?')) this.#flowPair(closing);
    else this.#node();
  }

  #flowPair(closing: ']' | '}'): void {
    this.#next.push(() => this.#flowValue(closing));
    if (!this.#is(':', ',', closing)) this.#node();
    // A pair in a sequence that has no key: yaml.v3 forgets what it found instead.
    else if (closing === ']') this.#scanner.skip();
  }

  #flowValue(closing: ']' | '}'): void {
    if (this.#took(':')) this.#nodeUnless(',', closing);
  }
}

function isProperty(token: Token, seen: readonly Token[]): boolean {
  return (token.kind === 'tag' || token.kind === 'anchor') && seen.every(({ kind }) => kind !== token.kind);
}
