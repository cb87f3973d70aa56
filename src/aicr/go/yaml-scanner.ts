/**
 * The tokens of a YAML text as gopkg.in/yaml.v3 cuts them, with its errors and the lines it names in them. It keeps to rules of its own (YAML
 * 1.1 with additions) that the `yaml` package does not share, so neither what is an error nor where one is can be taken from there. Only what
 * matters to errors is kept: kinds and lines, no values.
 */
import { YamlError } from './yaml.ts';

/** What stands for itself, and what is seen only from indentation: where a block collection begins or ends. */
export type TokenKind =
  | ('[' | ']' | '{' | '}' | ',' | '-' | '?' | ':' | 'anchor' | 'alias' | 'tag' | 'scalar')
  | ('block sequence' | 'block mapping' | 'block end')
  | ('%YAML' | '%TAG' | '---' | '...' | 'end');

export interface Token {
  kind: TokenKind;
  /** Counted from zero. */
  line: number;
  /** An anchor's name, a tag's handle, a directive's handle or version. */
  text: string;
  /** What would be a key if a colon followed. */
  key?: Key | undefined;
}

interface Key {
  at: number;
  line: number;
  column: number;
  /** How many tokens come before it. */
  number: number;
  /** It stands where the mapping's keys do, so that there must be a colon. */
  required: boolean;
  possible: boolean;
}

const MAX_KEY_LENGTH = 1024;

const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const BREAK = /\r\n|[\r\n\x85\u2028\u2029]/y;
const BLANK_NEXT = /(?=[ \t\r\n\x85\u2028\u2029]|$)/y;
const SPACES = / */y;
const BLANKS = /[ \t]*/y;
const BLANKS_TO_COMMENT = /[ \t]*(?=#)/y;
const COMMENT = /#[^\r\n\x85\u2028\u2029]*/y;
const REST_OF_LINE = /[^\r\n\x85\u2028\u2029]*/y;
const DOCUMENT_MARK = /(?:---|\.\.\.)(?=[ \t\r\n\x85\u2028\u2029]|$)/y;
const ANCHOR = /[&*][\w-]+(?=[ \t\r\n\x85\u2028\u2029?:,\]}%@`]|$)/y;
const NAME = /[\w-]+/y;
const TAG_HANDLE = /![\w-]*!?/y;
const URI = /(?:[\w;/?:@&=+$,.!~*'()[\]-]|%[0-9A-Fa-f]{2})+/y;
const DIGITS = /\d*/y;
const BLOCK_HEADER = /[|>](?:[-+]\d?|\d[-+]?)?/y;
const PLAIN = /(?:[^ \t\r\n\x85\u2028\u2029:]|:(?![ \t\r\n\x85\u2028\u2029]|$))+/y;
const PLAIN_IN_FLOW = /(?:[^ \t\r\n\x85\u2028\u2029:,?[\]{}]|:(?![ \t\r\n\x85\u2028\u2029]|$))+/y;
const SINGLE_QUOTED = /[^'\r\n\x85\u2028\u2029]+/y;
const DOUBLE_QUOTED = /[^"\\\r\n\x85\u2028\u2029]+/y;
const QUOTED_QUOTE = /''/y;
const ESCAPE = /\\(?:[0abt\tnvfre "'\\N_LP]|(?=[\r\n\x85\u2028\u2029]))/y;
const ESCAPED_CODE = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})/y;

export class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 0;
  #lineStart = 0;
  #queue: Token[] = [];
  #parsed = 0;
  /** The column of the innermost block collection, and of those around it. */
  #indent = -1;
  #indents: number[] = [];
  /** One for the block context and one for each open flow collection. */
  #keys: (Key | undefined)[] = [undefined];
  #keyAllowed = true;

  constructor(text: string) {
    this.#text = text;
    if (UNPRINTABLE.test(text)) throw new YamlError('control characters are not allowed');
    if (text.startsWith('\ufeff')) this.#at = this.#lineStart = 1;
  }

  /** The next token. Two more are read before it is given, as yaml.v3 does for comments: an error in them comes first. */
  peek(): Token {
    for (;;) {
      const [head] = this.#queue;
      if (head !== undefined && this.#queue.length > 2 && !this.#mayBeKey(head.key)) return head;
      this.#readToken();
    }
  }

  skip(): void {
    this.#queue.shift();
    this.#parsed++;
  }

  #readToken(): void {
    this.#skipToToken();
    this.#closeBlocks(this.#column);
    const mark = this.#column === 0 ? this.#take(DOCUMENT_MARK) : undefined;
    if (this.#at === this.#text.length && mark === undefined) this.#streamEnd();
    else if (mark === '---' || mark === '...') this.#documentMark(mark);
    else if (this.#column === 0 && this.#char === '%') this.#directive();
    else this.#token(this.#char);
  }

  #token(char: string): void {
    if (char === '[' || char === '{') this.#openFlow(char);
    else if (char === ']' || char === '}') this.#closeFlow(char);
    else if (char === ',') this.#indicator(char, true);
    else if (char === '-' && this.#blankFollows()) this.#blockEntry();
    else if (char === '?' && (this.#inFlow || this.#blankFollows())) this.#complexKey();
    else if (char === ':' && (this.#inFlow || this.#blankFollows())) this.#value();
    else if (char === '*' || char === '&') this.#anchor(char === '*' ? 'alias' : 'anchor');
    else if (char === '!') this.#tag();
    else if (char === "'" || char === '"') this.#quoted(char);
    else if (!this.#inFlow && (char === '|' || char === '>')) this.#blockScalar();
    else if (/[\t%@`|>]/.test(char)) this.#fail('found character that cannot start any token');
    else this.#plain();
  }

  // Where we are.

  get #char(): string {
    return this.#text.charAt(this.#at);
  }

  get #column(): number {
    return this.#at - this.#lineStart;
  }

  get #inFlow(): boolean {
    return this.#keys.length > 1;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #takeBreak(): boolean {
    if (this.#take(BREAK) === undefined) return false;
    this.#newLine();
    return true;
  }

  #newLine(): void {
    this.#line++;
    this.#lineStart = this.#at;
  }

  #blankFollows(after = 1): boolean {
    BLANK_NEXT.lastIndex = this.#at + after;
    return BLANK_NEXT.test(this.#text);
  }

  /** yaml.v3 names the line at which the thing began, or else the one it has come to, and none if that is the first. */
  #fail(problem: string, begun = this.#line): never {
    const line = begun || this.#line;
    throw new YamlError(line === 0 ? problem : `line ${line + 1}: ${problem}`);
  }

  #push(kind: TokenKind, line: number, text = '', key?: Key): void {
    this.#queue.push({ kind, line, text, key });
  }

  // Keys, which are known to be keys only when their colon comes, and indentation.

  #saveKey(): Key | undefined {
    if (!this.#keyAllowed) return undefined;
    this.#dropKey();
    const column = this.#column;
    const key: Key = {
      at: this.#at,
      line: this.#line,
      column,
      number: this.#parsed + this.#queue.length,
      required: !this.#inFlow && this.#indent === column,
      possible: true,
    };
    this.#keys[this.#keys.length - 1] = key;
    return key;
  }

  #dropKey(): void {
    const key = this.#keys.at(-1);
    if (key?.possible) this.#giveUp(key);
  }

  #mayBeKey(key: Key | undefined): key is Key {
    if (!key?.possible) return false;
    if (key.line === this.#line && key.at + MAX_KEY_LENGTH >= this.#at) return true;
    this.#giveUp(key);
    return false;
  }

  #giveUp(key: Key): void {
    if (key.required) this.#fail("could not find expected ':'", key.line);
    key.possible = false;
  }

  #openBlock(kind: TokenKind, column: number, line: number, number = this.#parsed + this.#queue.length): void {
    if (this.#inFlow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#queue.splice(number - this.#parsed, 0, { kind, line, text: '' });
  }

  #closeBlocks(column: number): void {
    if (this.#inFlow) return;
    while (this.#indent > column) {
      this.#push('block end', this.#line);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  // What is between tokens.

  /** Tabs may stand anywhere but where a key may begin; between comments on lines of their own they may all the same. */
  #skipToToken(): void {
    const from = this.#at;
    let commented = false;
    do {
      this.#take(this.#inFlow || !this.#keyAllowed ? BLANKS : SPACES);
      if (commented) this.#take(BLANKS_TO_COMMENT);
      if (this.#take(COMMENT) !== undefined) commented = this.#lineStart >= from;
    } while (this.#nextLine());
  }

  #nextLine(): boolean {
    if (!this.#takeBreak()) return false;
    if (!this.#inFlow) this.#keyAllowed = true;
    return true;
  }

  #streamEnd(): void {
    if (this.#column > 0) this.#newLine();
    this.#endDocument();
    this.#push('end', this.#line);
  }

  #documentMark(mark: '---' | '...'): void {
    this.#endDocument();
    this.#push(mark, this.#line);
  }

  #endDocument(): void {
    this.#closeBlocks(-1);
    this.#dropKey();
    this.#keyAllowed = false;
  }

  // Directives.

  #directive(): void {
    this.#endDocument();
    this.#at++;
    const name = this.#take(NAME);
    if (name === undefined) this.#fail('could not find expected directive name');
    if (!this.#blankFollows(0)) this.#fail('found unexpected non-alphabetical character');
    this.#take(BLANKS);
    if (name === 'YAML') this.#push('%YAML', this.#line, this.#version());
    else if (name === 'TAG') this.#push('%TAG', this.#line, this.#tagDirective());
    else this.#fail('found unknown directive name');
    this.#finishLine();
  }

  #version(): string {
    const major = this.#versionNumber();
    if (this.#char !== '.') this.#fail("did not find expected digit or '.' character");
    this.#at++;
    return `${major}.${this.#versionNumber()}`;
  }

  #versionNumber(): number {
    const digits = this.#take(DIGITS) ?? '';
    if (digits.length > 2) this.#fail('found extremely long version number');
    if (digits === '') this.#fail('did not find expected version number');
    return Number(digits);
  }

  #tagDirective(): string {
    const handle = this.#take(TAG_HANDLE);
    if (!handle?.endsWith('!')) this.#fail("did not find expected '!'");
    if (!this.#take(BLANKS)) this.#fail('did not find expected whitespace');
    this.#uri();
    if (!this.#blankFollows(0)) this.#fail('did not find expected whitespace or line break');
    return handle;
  }

  #finishLine(begun = this.#line): void {
    this.#take(BLANKS);
    this.#take(COMMENT);
    if (!this.#takeBreak() && this.#at < this.#text.length) {
      this.#fail('did not find expected comment or line break', begun);
    }
  }

  // Indicators.

  #indicator(kind: '[' | ']' | '{' | '}' | ',' | '-' | '?' | ':', keyAllowed: boolean): void {
    this.#dropKey();
    this.#keyAllowed = keyAllowed;
    this.#at++;
    this.#push(kind, this.#line);
  }

  #openFlow(kind: '[' | '{'): void {
    const key = this.#saveKey();
    this.#keys.push(undefined);
    this.#keyAllowed = true;
    this.#at++;
    this.#push(kind, this.#line, '', key);
  }

  #closeFlow(kind: ']' | '}'): void {
    this.#indicator(kind, false);
    if (this.#inFlow) this.#keys.pop();
  }

  #blockEntry(): void {
    // In a flow collection it is the parser that complains.
    if (!this.#inFlow && !this.#keyAllowed) this.#fail('block sequence entries are not allowed in this context');
    this.#openBlock('block sequence', this.#column, this.#line);
    this.#indicator('-', true);
  }

  #complexKey(): void {
    if (!this.#inFlow && !this.#keyAllowed) this.#fail('mapping keys are not allowed in this context');
    this.#openBlock('block mapping', this.#column, this.#line);
    this.#indicator('?', !this.#inFlow);
  }

  #value(): void {
    const key = this.#keys.at(-1);
    if (this.#mayBeKey(key)) {
      this.#queue.splice(key.number - this.#parsed, 0, { kind: '?', line: key.line, text: '' });
      this.#openBlock('block mapping', key.column, key.line, key.number);
      key.possible = false;
      this.#indicator(':', false);
    } else {
      if (!this.#inFlow && !this.#keyAllowed) this.#fail('mapping values are not allowed in this context');
      this.#openBlock('block mapping', this.#column, this.#line);
      this.#indicator(':', !this.#inFlow);
    }
  }

  // Properties.

  #anchor(kind: 'anchor' | 'alias'): void {
    const key = this.#saveKey();
    this.#keyAllowed = false;
    const name = this.#take(ANCHOR)?.slice(1);
    if (name === undefined) this.#fail('did not find expected alphabetic or numeric character');
    this.#push(kind, this.#line, name, key);
  }

  #tag(): void {
    const key = this.#saveKey();
    this.#keyAllowed = false;
    this.#push('tag', this.#line, this.#tagHandle(), key);
    if (!this.#blankFollows(0)) this.#fail('did not find expected whitespace or line break');
  }

  #tagHandle(): string {
    if (this.#text.startsWith('!<', this.#at)) {
      this.#at += 2;
      this.#uri();
      if (this.#char !== '>') this.#fail("did not find the expected '>'");
      this.#at++;
      return '!';
    }
    const handle = this.#take(TAG_HANDLE) ?? '';
    if (handle.length > 1 && handle.endsWith('!')) {
      this.#uri();
      return handle;
    }
    this.#take(URI);
    if (this.#char === '%') this.#fail('did not find URI escaped octet');
    return '!';
  }

  #uri(): void {
    const uri = this.#take(URI);
    if (this.#char === '%') this.#fail('did not find URI escaped octet');
    if (uri === undefined) this.#fail('did not find expected tag URI');
  }

  // Scalars.

  #quoted(quote: '"' | "'"): void {
    const key = this.#saveKey();
    this.#keyAllowed = false;
    const begun = this.#line;
    this.#at++;
    for (;;) {
      this.#take(quote === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED);
      if (this.#char === '\\') this.#escape(begun);
      else if (this.#char === quote) {
        if (this.#take(QUOTED_QUOTE) === undefined) break;
      } else if (!this.#takeBreak()) this.#fail('found unexpected end of stream', begun);
      else if (this.#take(DOCUMENT_MARK) !== undefined) this.#fail('found unexpected document indicator', begun);
    }
    this.#at++;
    this.#push('scalar', begun, '', key);
  }

  #escape(begun: number): void {
    if (this.#take(ESCAPE) !== undefined) return;
    const code = this.#take(ESCAPED_CODE);
    if (code === undefined) {
      const isCode = /[xuU]/.test(this.#text.charAt(this.#at + 1));
      this.#fail(isCode ? 'did not find expected hexdecimal number' : 'found unknown escape character', begun);
    }
    const value = Number.parseInt(code.slice(2), 16);
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
      this.#fail('found invalid Unicode character escape code', begun);
    }
  }

  /** A plain scalar goes on over lines that are indented more than what it is in. */
  #plain(): void {
    const key = this.#saveKey();
    const begun = this.#line;
    do {
      if (this.#take(this.#inFlow ? PLAIN_IN_FLOW : PLAIN) !== undefined) this.#keyAllowed = false;
    } while (this.#plainBlanks(begun) && !this.#plainEnds());
    this.#push('scalar', begun, '', key);
  }

  #plainBlanks(begun: number): boolean {
    const from = this.#at;
    this.#take(BLANKS);
    while (this.#takeBreak()) {
      // Nothing of the scalar after it yet, so a key may begin here.
      this.#keyAllowed = true;
      this.#take(SPACES);
      if (this.#char === '\t' && this.#column <= this.#indent) {
        this.#fail('found a tab character that violates indentation', begun);
      }
    }
    return this.#at > from;
  }

  #plainEnds(): boolean {
    if (!this.#inFlow && this.#column <= this.#indent) return true;
    if (this.#char === '#') return true;
    DOCUMENT_MARK.lastIndex = this.#at;
    return this.#column === 0 && DOCUMENT_MARK.test(this.#text);
  }

  #blockScalar(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    const begun = this.#line;
    const header = this.#take(BLOCK_HEADER) ?? '';
    if (header.includes('0')) this.#fail('found an indentation indicator equal to 0');
    this.#finishLine(begun);
    const given = Number(/\d/.exec(header) ?? 0);
    const indent = this.#blockBreaks(begun, given && Math.max(this.#indent, 0) + given);
    while (this.#column === indent && this.#at < this.#text.length) {
      this.#take(REST_OF_LINE);
      this.#blockBreaks(begun, indent);
    }
    this.#push('scalar', begun);
  }

  /** Past empty lines and indentation; returns the indentation, which the first line gives if nothing else does. */
  #blockBreaks(begun: number, indent: number): number {
    let deepest = Math.max(this.#indent + 1, 1);
    do {
      while (this.#char === ' ' && (indent === 0 || this.#column < indent)) this.#at++;
      deepest = Math.max(deepest, this.#column);
      if (this.#char === '\t' && (indent === 0 || this.#column < indent)) {
        this.#fail('found a tab character where an indentation space is expected', begun);
      }
    } while (this.#takeBreak());
    return indent || deepest;
  }
}
