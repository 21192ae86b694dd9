import assert from 'node:assert/strict';
import { it } from 'node:test';

import { delayMs } from '../src/retry.js';

it('waits twice as long each time, up to a limit, and never the same', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map((attempt) => delayMs(attempt, null, 1)), [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  assert.deepEqual([1, 2, 50].map((attempt) => delayMs(attempt, null, 0)), [250, 500, 4_000]);
});

it('never waits less than it is asked to', () => {
  assert.deepEqual([delayMs(1, 5, 0), delayMs(9, 5, 1), delayMs(1, 0, 0)], [5_000, 5_250, 0]);
});
