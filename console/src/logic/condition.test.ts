import { expect, it } from 'vitest';

import type { RuleVariable } from '../types';
import { placeOf, suggest, tokens } from './condition';

const variable = (name: string): RuleVariable => ({ name, type: 'bool', unit: '', doc: '' });
const VARIABLES = ['ip.is_tor', 'ip.is_vpn', 'email.is_disposable', 'device.hash'].map(variable);
const texts = (text: string, caret = text.length) => suggest(text, caret, VARIABLES).items.map((item) => item.text);

it('cuts a condition into pieces without losing any', () => {
  const text = "ip.is_tor AND user.age_days < -1.5 OR\n email.domain IN ('it''s', \"x\")";
  expect(tokens(text).map((token) => token.text).join('')).toBe(text);
  const kinds = tokens(text).filter((token) => token.kind !== 'other');
  expect(kinds.map((token) => token.kind)).toEqual(['name', 'word', 'name', 'number', 'word', 'name', 'word', 'text', 'text']);
});

it('keeps a text that is not closed', () => {
  expect(tokens("a = 'b c").at(-1)).toEqual({ kind: 'text', text: "'b c", start: 4 });
});

it('suggests names by their beginning, then by any part', () => {
  expect(texts('ip.')).toEqual(['ip.is_tor', 'ip.is_vpn']);
  expect(texts('is_')).toEqual(['ip.is_tor', 'ip.is_vpn', 'email.is_disposable']);
  expect(texts('ip.is_tor A')).toContain('AND');
  expect(texts('meta')).toEqual(['metadata.']);
});

it('suggests nothing within a text, after a space, or when it is complete', () => {
  expect(texts("ip.country_code = 'ip")).toEqual([]);
  expect(texts('ip.is_tor ')).toEqual([]);
  expect(texts('ip.is_tor')).toEqual([]);
});

it('replaces the name before the caret', () => {
  expect(suggest('ip.is_tor AND dev', 17, VARIABLES)).toMatchObject({ from: 14, items: [{ text: 'device.hash' }] });
});

it('finds the place that the server names', () => {
  expect(placeOf('is wrong at line 2, column 3: x', 'ab\ncd x')).toBe(5);
  expect(placeOf('is empty', '')).toBeUndefined();
});
