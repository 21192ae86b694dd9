import assert from 'node:assert/strict';
import { it } from 'node:test';

import { whenGranted } from './consent.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve));

async function granted(consent: unknown) {
  let times = 0;
  const errors: unknown[] = [];
  whenGranted(consent as boolean, () => times++, (error) => errors.push(error));
  const atOnce = times;
  await settled();
  return { atOnce, later: times, errors: errors.length };
}

it('is given by true, at once or later', async () => {
  assert.deepEqual(await granted(true), { atOnce: 1, later: 1, errors: 0 });
  assert.deepEqual(await granted(Promise.resolve(true)), { atOnce: 0, later: 1, errors: 0 });
});

it('is given by nothing else', async () => {
  for (const answer of [false, undefined, null, 1, 'true', Promise.resolve(false), Promise.resolve('yes'), new Promise(() => {})]) {
    assert.deepEqual(await granted(answer), { atOnce: 0, later: 0, errors: 0 }, String(answer));
  }
  assert.deepEqual(await granted(Promise.reject(new Error('no banner'))), { atOnce: 0, later: 0, errors: 1 });
});
