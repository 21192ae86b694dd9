import { expect, it } from 'vitest';

import type { ScoreRange } from '../types';
import { decisions, medianScore, milliseconds, scoreBars, scoredDialects, topRules, total } from './figures';

const interval = { from: '', events: 10, flagged: 1, blocked: 2, challenged: 3, reviewed: 1, wouldBlock: 4, confirmed: 0, dismissed: 0 };
const range = (from: number, events: number, dialect = 'ingest'): ScoreRange => ({ dialect, from, to: from === 1_000 ? null : from + 9, events });

it('counts what nobody stopped as allowed', () => {
  expect(decisions(interval)).toEqual({ allow: 3, flag: 1, challenge: 3, review: 1, block: 2 });
  expect(total([interval, interval]).events).toBe(20);
});

it('draws scores from zero on, in bars of equal width', () => {
  expect(scoreBars([range(0, 3), range(20, 4), range(30, 9, 'keyri')], 'ingest')).toEqual([
    { label: '0', count: 3 },
    { label: '10', count: 0 },
    { label: '20', count: 4 },
  ]);
  const wide = scoreBars([range(0, 1), range(1_000, 2)], 'ingest');
  expect(wide.length).toBeLessThanOrEqual(16);
  expect(wide.reduce((sum, bar) => sum + bar.count, 0)).toBe(3);
});

it('tells the range of the middle score, and of which APIs there are any', () => {
  const scores = [range(0, 1), range(40, 5), range(1_000, 1), range(10, 9, 'keyri')];
  expect(medianScore(scores, 'ingest')).toBe('40 to 49');
  expect(medianScore([range(1_000, 1)], 'ingest')).toBe('1000 or more');
  expect(medianScore(scores, 'signet')).toBeUndefined();
  expect(scoredDialects(scores)).toEqual(['keyri', 'ingest']);
});

it('ranks checks and own rules together', () => {
  const check = (code: string, fired: number) => ({ dialect: 'ingest', code, fired, watched: 0, confirmed: 0, dismissed: 0 });
  const rule = { id: 'r', name: 'Mine', kind: 'custom' as const, fired: 5, blocked: 0, wouldBlock: 0, confirmed: 0, dismissed: 0 };
  expect(topRules({ checks: [check('A', 2), check('B', 9), check('C', 0)], rules: [rule] }, 2)).toEqual([
    { name: 'B', count: 9 },
    { name: 'Mine', count: 5 },
  ]);
});

it('shows latencies with two digits', () => {
  expect([milliseconds(3_411), milliseconds(127_000), milliseconds(980)]).toEqual(['3.4 ms', '130 ms', '0.98 ms']);
});
