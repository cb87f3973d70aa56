/**
 * yaml.v3's words for the syntax errors that people make, since AICR's message for a catalog that is no YAML quotes them. The `yaml` package
 * found the error; what yaml.v3 would have called it, and the line it would have named, follow from where it stands. yaml.v3 counts lines
 * from zero where its parser complains and from one where its scanner does, names the line at which the surrounding collection began if that
 * is not the first, and names none for the first. Any other error is told in the package's words.
 */

/** What of the package's error is used. */
export interface SyntaxFault {
  code: string;
  message: string;
  pos: [number, number];
}

const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** yaml.v3 reads no text that holds a control character. */
export function controlCharacterError(text: string): string | undefined {
  return UNPRINTABLE.test(text) ? 'control characters are not allowed' : undefined;
}

export function syntaxError(fault: SyntaxFault, text: string): string {
  const at = fault.pos[0];
  const flow = flowError(text, at);
  if (flow !== undefined) return flow;
  switch (fault.code) {
    case 'TAB_AS_INDENT':
    case 'BAD_SCALAR_START':
      return fromScanner(lineOf(text, at), 'found character that cannot start any token');
    case 'BAD_DQ_ESCAPE':
      return fromScanner(lineOf(text, at), 'found unknown escape character');
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return keyError(text, at);
    default:
      return blockError(fault, text);
  }
}

function blockError(fault: SyntaxFault, text: string): string {
  const at = fault.pos[0];
  if (fault.message.startsWith('Missing closing')) {
    const quote = lineOf(text, unclosedQuote(text));
    return fromScanner(quote === 0 ? endLine(text) : quote, 'found unexpected end of stream');
  }
  if (fault.message.startsWith('Block scalar header')) {
    return fromScanner(lineOf(text, at), 'did not find expected comment or line break');
  }
  if (fault.message.startsWith('Implicit map keys need')) {
    return fromScanner(lineOf(text, at), "could not find expected ':'");
  }
  if (fault.message.startsWith('Sequence item without') || fault.message.startsWith('All mapping items')) {
    return misplaced(text, lineOf(text, at));
  }
  return fromScanner(lineOf(text, at), fault.message.split('\n')[0] ?? '');
}

function fromScanner(line: number, problem: string): string {
  return line === 0 ? problem : `line ${line + 1}: ${problem}`;
}

/** The first of the lines that is not the first of the text. */
function fromParser(lines: readonly number[], problem: string): string {
  const line = lines.find((candidate) => candidate !== 0);
  return line === undefined ? problem : `line ${line}: ${problem}`;
}

// Lines are counted from zero.

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}

/** Where the stream ends: on a line of its own. */
function endLine(text: string): number {
  return lineOf(text, text.length) + (text.endsWith('\n') || text === '' ? 0 : 1);
}

/** A key where none can be: a second one on the line, or one whose text began on an earlier line. */
function keyError(text: string, at: number): string {
  const line = lineOf(text, at);
  if (/^- /.test(text.slice(at))) return misplaced(text, line);
  const column = at - (text.lastIndexOf('\n', at - 1) + 1);
  const startsLine = text.slice(at - column, at).trim() === '';
  if (startsLine && openBlocks(text, line).some((block) => !block.sequence && block.column === column)) {
    return fromScanner(line, "could not find expected ':'");
  }
  const colon = /:(?=\s|$)/g;
  colon.lastIndex = at;
  const found = colon.exec(text)?.index ?? at;
  return fromScanner(lineOf(text, found), 'mapping values are not allowed in this context');
}

interface Block {
  column: number;
  line: number;
  sequence: boolean;
}

/** A line that belongs to no collection around it: what is missing depends on the innermost one that its column leaves open. */
function misplaced(text: string, line: number): string {
  const written = text.split('\n');
  const bad = written.findIndex((content, index) => index >= line && content.trim() !== '');
  const column = /^ */.exec(written[bad] ?? '')?.[0].length ?? 0;
  const block = openBlocks(text, bad).findLast((open) => open.column <= column);
  return fromParser([block?.line ?? 0, bad], block?.sequence ? "did not find expected '-' indicator" : 'did not find expected key');
}

/** The block collections that are open before a line, outermost first. */
function openBlocks(text: string, before: number): Block[] {
  const open: Block[] = [];
  for (const [line, content] of text.split('\n').slice(0, before).entries()) {
    if (/^\s*(#|$)/.test(content)) continue;
    const [, indent = '', dashes = '', rest = ''] = /^( *)((?:- +)*)(.*)$/.exec(content) ?? [];
    while ((open.at(-1)?.column ?? -1) > indent.length) open.pop();
    for (let at = 0; at < dashes.length; at += /^- +/.exec(dashes.slice(at))?.[0].length ?? 1) {
      enter(open, { column: indent.length + at, line, sequence: true });
    }
    if (/^("[^"]*"|'[^']*'|[^\s#'"[{][^#]*?): *( |$)/.test(`${rest} `)) {
      enter(open, { column: indent.length + dashes.length, line, sequence: false });
    }
  }
  return open;
}

function enter(open: Block[], block: Block): void {
  while ((open.at(-1)?.column ?? -1) > block.column) open.pop();
  const last = open.at(-1);
  if (last === undefined || last.column < block.column || last.sequence !== block.sequence) open.push(block);
}

interface Token {
  text: string;
  at: number;
}

const TOKEN = /#.*|"(?:\\[\s\S]|[^"\\])*"?|'(?:''|[^'])*'?|[[\]{},]|[:?-](?=[\s,[\]{}]|$)|[^\s,[\]{}:#"'][^\s,[\]{}:]*(?::(?![\s,[\]{}])[^\s,[\]{}:]*)*|\s+|[\s\S]/g;

/** The tokens of a text, near enough: quoted scalars whole, plain ones by the word, comments and blanks left out. */
function tokens(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index })).filter((token) => !/^(#|\s)/.test(token.text));
}

function unclosedQuote(text: string): number {
  const quote = tokens(text).findLast(({ text: token }) => /^["']/.test(token) && (token.length === 1 || !token.endsWith(token.charAt(0))));
  return quote?.at ?? text.length;
}

/** What is wrong in a flow collection, by yaml.v3's order of things, if the fault is in one. */
function flowError(text: string, fault: number): string | undefined {
  const open: { token: Token; after: 'nothing' | 'value' }[] = [];
  for (const token of tokens(text)) {
    const inner = open.at(-1);
    if (inner === undefined) {
      if (token.at > fault) return undefined;
      if (isOpening(token.text)) open.push({ token, after: 'nothing' });
      continue;
    }
    const wrong = step(open, token, text);
    if (wrong !== undefined) return wrong;
  }
  const inner = open.at(-1);
  if (inner === undefined) return undefined;
  const end = endLine(text);
  return inner.after === 'nothing' ? fromParser([end], NO_CONTENT) : fromParser([lineOf(text, inner.token.at), end], expected(inner.token));
}

const NO_CONTENT = 'did not find expected node content';

function step(open: { token: Token; after: 'nothing' | 'value' }[], token: Token, text: string): string | undefined {
  const inner = open.at(-1);
  if (inner === undefined) return undefined;
  const line = lineOf(text, token.at);
  if (/^[\]}]$/.test(token.text)) {
    if (token.text !== closingOf(inner.token)) {
      return inner.after === 'nothing' ? fromParser([line], NO_CONTENT) : fromParser([lineOf(text, inner.token.at), line], expected(inner.token));
    }
    open.pop();
    const outer = open.at(-1);
    if (outer !== undefined) outer.after = 'value';
    return undefined;
  }
  if (token.text === ',' || token.text === '-') {
    if (inner.after === 'nothing' || token.text === '-') return fromParser([line], NO_CONTENT);
    inner.after = 'nothing';
  } else if (isOpening(token.text)) open.push({ token, after: 'nothing' });
  else inner.after = 'value';
  return undefined;
}

function isOpening(token: string): boolean {
  return token === '[' || token === '{';
}

function closingOf(token: Token): string {
  return token.text === '[' ? ']' : '}';
}

function expected(token: Token): string {
  return `did not find expected ',' or '${closingOf(token)}'`;
}
