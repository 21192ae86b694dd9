import assert from 'node:assert/strict';
import { it, mock } from 'node:test';

import { askVisitorId } from './visitor_id.ts';

it('is there when it has come', async () => {
  const asked = askVisitorId(async () => 'visitor-1');
  assert.equal(asked.now(), undefined);
  await asked.settled;
  assert.equal(asked.now(), 'visitor-1');
});

it('is left out when it fails, or is no text', async () => {
  const errors: unknown[] = [];
  for (const broken of [
    () => { throw new Error('blocked'); },
    () => Promise.reject(new Error('blocked')),
    () => 7 as unknown as string,
    () => '',
  ]) {
    const asked = askVisitorId(broken, (error) => errors.push(error));
    await asked.settled;
    assert.equal(asked.now(), undefined);
  }
  assert.equal(errors.length, 2);
});

it('is waited for no longer than a second', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const asked = askVisitorId(() => new Promise(() => {}));
  mock.timers.tick(1_000);
  await asked.settled;
  assert.equal(asked.now(), undefined);
  mock.timers.reset();
});
