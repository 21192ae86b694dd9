import { expect, it } from 'vitest';

import { ago, utc } from './time';

it('tells UTC', () => {
  expect(utc('2026-11-21T15:04:09.123Z')).toBe('2026-11-21 15:04:09 UTC');
});

it('tells how long ago', () => {
  const at = (seconds: number) => ago('2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1) + seconds * 1_000);
  expect([-5, 59, 60, 3_599, 3_600, 2 * 86_400].map(at)).toEqual(['just now', 'just now', '1 min ago', '59 min ago', '1 h ago', '2 days ago']);
});
