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

const NO_CONTENT = 'did not find expected node content';
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** What yaml.v3 stops at and the package does not: a control character anywhere, a directive without a name at the beginning. */
export function unreadable(text: string): string | undefined {
  if (UNPRINTABLE.test(text)) return 'control characters are not allowed';
  const directive = /^(?:[ \t]*(?:#.*)?\n)*%(?![\w-])/.exec(text);
  return directive === null
    ? undefined
    : fromScanner(lineOf(text, directive[0].length), 'could not find expected directive name');
}

export function syntaxError(fault: SyntaxFault, text: string): string {
  const at = fault.pos[0];
  const flow = flowError(text, at);
  if (flow !== undefined) return flow;
  const known = KNOWN.find(({ sign }) => sign.test(`${fault.code} ${fault.message}`));
  return known?.tell(text, at) ?? fromScanner(lineOf(text, at), fault.message.split('\n')[0] ?? '');
}

/** The package's errors by code and words, and how yaml.v3 tells each. */
const KNOWN: readonly { sign: RegExp; tell: (text: string, at: number) => string }[] = [
  { sign: /^TAB_AS_INDENT/, tell: tabError },
  { sign: /^BAD_SCALAR_START.* %/, tell: directiveError },
  { sign: /^BAD_SCALAR_START/, tell: scannerError('found character that cannot start any token') },
  { sign: /^BAD_DQ_ESCAPE/, tell: scannerError('found unknown escape character') },
  { sign: /_IMPLICIT_KEY/, tell: keyError },
  { sign: /Missing closing/, tell: quoteError },
  { sign: /Block scalar header/, tell: scannerError('did not find expected comment or line break') },
  { sign: /Implicit map keys need/, tell: scannerError("could not find expected ':'") },
  { sign: /(Alias|Anchor) cannot be/, tell: scannerError('did not find expected alphabetic or numeric character') },
  { sign: /Unexpected block-seq-ind/, tell: scannerError('block sequence entries are not allowed in this context') },
  { sign: /Sequence item without|All (mapping|sequence) items/, tell: misplaced },
  { sign: /Unexpected flow-/, tell: (text, at) => fromParser([lineOf(text, at)], NO_CONTENT) },
];

function scannerError(problem: string): (text: string, at: number) => string {
  return (text, at) => fromScanner(lineOf(text, at), problem);
}

/** A tab where a plain scalar of the line before might go on, or where nothing can begin with one. */
function tabError(text: string, at: number): string {
  const line = lineOf(text, at);
  const before = text.split('\n').findLastIndex((content, index) => index < line && !/^\s*(#|$)/.test(content));
  const last = text.split('\n')[before]?.trimEnd() ?? '';
  if (before < 0 || /(^|[\s])-$|[:"'\]}|>]$/.test(last)) {
    return fromScanner(line, 'found character that cannot start any token');
  }
  return fromScanner(before === 0 ? line : before, 'found a tab character that violates indentation');
}

/** At the beginning of a line a percent sign is a directive, anywhere else nothing at all. */
function directiveError(text: string, at: number): string {
  const isDirective = at === 0 || text[at - 1] === '\n';
  const problem = isDirective
    ? 'could not find expected directive name'
    : 'found character that cannot start any token';
  return fromScanner(lineOf(text, at), problem);
}

function quoteError(text: string): string {
  const quote = lineOf(text, unclosedQuote(text));
  return fromScanner(quote === 0 ? lineOf(text, text.length) : quote, 'found unexpected end of stream');
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
  if (/^- /.test(text.slice(at))) return misplaced(text, at);
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

/** Text that belongs to no collection around it: what is missing depends on the innermost one that its column leaves open. */
function misplaced(text: string, at: number): string {
  const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  const line = lineOf(text, start);
  const column = /^ */.exec(text.split('\n')[line] ?? '')?.[0].length ?? 0;
  const block = openBlocks(text, line).findLast((open) => open.column <= column);
  const problem = block?.sequence ? "did not find expected '-' indicator" : 'did not find expected key';
  return fromParser([block?.line ?? 0, line], problem);
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

const TOKEN =
  /#.*|"(?:\\[\s\S]|[^"\\])*"?|'(?:''|[^'])*'?|[[\]{},]|[:?-](?=[\s,[\]{}]|$)|[^\s,[\]{}:#"'][^\s,[\]{}:]*(?::(?![\s,[\]{}])[^\s,[\]{}:]*)*|\s+|[\s\S]/g;

/** The tokens of a text, near enough: quoted scalars whole, plain ones by the word, comments and blanks left out. */
function tokens(text: string): Token[] {
  return [...text.matchAll(TOKEN)]
    .map((match) => ({ text: match[0], at: match.index }))
    .filter((token) => !/^(#|\s)/.test(token.text));
}

function unclosedQuote(text: string): number {
  const quote = tokens(text).findLast(
    ({ text: token }) => /^["']/.test(token) && (token.length === 1 || !token.endsWith(token.charAt(0))),
  );
  return quote?.at ?? text.length;
}

/** A flow collection that is open, and how far its present item has come. */
interface Flow {
  opening: Token;
  item: 'none' | 'key' | 'colon' | 'value';
  keyLine: number;
}

/** What is wrong in a flow collection, in the order in which yaml.v3 comes to it, if the fault is in one. */
function flowError(text: string, fault: number): string | undefined {
  const open: Flow[] = [];
  for (const token of tokens(text)) {
    const inner = open.at(-1);
    if (inner === undefined && token.at > fault) return undefined;
    const wrong = inner === undefined ? undefined : flowProblem(inner, token, text);
    if (wrong !== undefined) return wrong;
    advance(open, token, lineOf(text, token.at));
  }
  const inner = open.at(-1);
  return inner === undefined ? undefined : unexpected(inner, endLine(text), text);
}

function flowProblem(inner: Flow, token: Token, text: string): string | undefined {
  const line = lineOf(text, token.at);
  const wrong =
    (/^[\]}]$/.test(token.text) && token.text !== closingOf(inner.opening)) ||
    (token.text === ',' && inner.item === 'none') ||
    token.text === '-' ||
    (token.text === ':' && (inner.item === 'value' || (inner.item === 'key' && inner.keyLine !== line))) ||
    (/^["']/.test(token.text) && (inner.item === 'key' || inner.item === 'value'));
  return wrong ? unexpected(inner, line, text) : undefined;
}

/** Where an item must begin, its content is missed; after one, the comma or the end. */
function unexpected(inner: Flow, line: number, text: string): string {
  if (inner.item === 'none' || inner.item === 'colon') return fromParser([line], NO_CONTENT);
  const problem = `did not find expected ',' or '${closingOf(inner.opening)}'`;
  return fromParser([lineOf(text, inner.opening.at), line], problem);
}

function advance(open: Flow[], token: Token, line: number): void {
  const inner = open.at(-1);
  if (isOpening(token.text)) {
    open.push({ opening: token, item: 'none', keyLine: line });
    return;
  }
  if (inner === undefined) return;
  if (/^[\]}]$/.test(token.text)) {
    open.pop();
    const outer = open.at(-1);
    if (outer !== undefined) outer.item = outer.item === 'none' ? 'key' : 'value';
  } else if (token.text === ',') inner.item = 'none';
  else if (token.text === ':') inner.item = 'colon';
  else if (inner.item === 'none') Object.assign(inner, { item: 'key', keyLine: line });
  else if (inner.item === 'colon') inner.item = 'value';
}

function isOpening(token: string): boolean {
  return token === '[' || token === '{';
}

function closingOf(token: Token): string {
  return token.text === '[' ? ']' : '}';
}
