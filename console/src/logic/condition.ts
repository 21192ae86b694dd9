// The rule language, as far as an editor needs it: its words for coloring, and what may come next.

import type { RuleVariable } from '../types';

export type TokenKind = 'word' | 'text' | 'number' | 'name' | 'other';

export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
}

const WORDS = ['AND', 'OR', 'NOT', 'IN', 'contains', 'starts_with', 'ends_with', 'true', 'false', 'null'];
const IS_WORD = new Set(WORDS.map((word) => word.toLowerCase()));
const PATTERN = /('(?:[^']|'')*'?|"(?:[^"]|"")*"?)|(-?\d[\d.]*(?:e[+-]?\d+)?)|([A-Za-z][\w.]*)|(\s+|.)/gi;

/** The whole text, cut into pieces. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(PATTERN)) {
    const [whole, quoted, number, name] = match;
    const kind: TokenKind = quoted ? 'text' : number ? 'number' : name ? (IS_WORD.has(name.toLowerCase()) ? 'word' : 'name') : 'other';
    found.push({ kind, text: whole, start: match.index });
  }
  return found;
}

export interface Suggestion {
  text: string;
  about: string;
}

const MOST = 8;
/** What names of what callers send begin with. */
const SENT: Suggestion = { text: 'metadata.', about: 'any type. What you send of an event in words of your own.' };

/** The name before the caret and what it may become: variables first, then words of the language. */
export function suggest(text: string, caret: number, variables: RuleVariable[]): { from: number; items: Suggestion[] } {
  const typed = /[A-Za-z][\w.]*$/.exec(text.slice(0, caret))?.[0] ?? '';
  const from = caret - typed.length;
  const isInText = tokens(text).some((token) => token.kind === 'text' && token.start < caret && token.start + token.text.length >= caret);
  if (typed.length === 0 || isInText) return { from, items: [] };
  const wanted = typed.toLowerCase();
  const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : name.toLowerCase().includes(wanted) ? 1 : 2);
  const known = variables.map(({ name, type, unit, doc }) => ({ text: name, about: `${unit ? `${type}, ${unit}` : type}. ${doc}` }));
  const words = WORDS.map((word) => ({ text: word, about: 'of the language' }));
  const items = [...known, SENT, ...words].filter((item) => rank(item.text) < 2 && item.text !== typed);
  items.sort((a, b) => rank(a.text) - rank(b.text));
  return { from, items: items.slice(0, MOST) };
}

/** Where the server says that something is wrong: the offset in the text, from a line and a column that begin at 1. */
export function placeOf(message: string, text: string): number | undefined {
  const found = /at line (\d+), column (\d+)/.exec(message);
  if (!found) return undefined;
  const lines = text.split('\n').slice(0, Number(found[1]) - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(found[2]) - 1;
}
