import { expect, it } from 'vitest';

import type { Check } from '../types';
import { signed, steps } from './waterfall';

const check = (code: string, points: number, status: Check['status'] = 'fired'): Check => ({ code, label: code, signal: code, status, weight: points, points, detail: null });

it('ends at the score, largest first', () => {
  const checks = [check('A', 15), check('B', 60.5), check('C', 99, 'shadow_fired'), check('D', -5)];
  const all = steps({ checks, adjustment: 0.5, learned: [{ code: 'A', label: 'A', points: 12, labels: 3 }], score: 83 });
  expect(all.map((step) => [step.id, step.from, step.to])).toEqual([
    ['B', 0, 60.5],
    ['A', 60.5, 75.5],
    ['D', 75.5, 70.5],
    ['learned A', 70.5, 82.5],
    ['adjustment', 82.5, 83],
  ]);
});

it('adds tenths without an error', () => {
  const checks = Array.from({ length: 10 }, (_, index) => check(String(index), 0.1));
  expect(steps({ checks, adjustment: 0, learned: [], score: 1 }).at(-1)?.to).toBe(1);
});

it('has no steps when nothing counted', () => {
  expect(steps({ checks: [check('A', 0, 'quiet')], adjustment: 0, learned: [], score: 0 })).toEqual([]);
});

it('writes points with their sign', () => {
  expect([12, -5, 0].map(signed)).toEqual(['+12', '−5', '0']);
});
