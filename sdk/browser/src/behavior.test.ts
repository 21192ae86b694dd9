import assert from 'node:assert/strict';
import { it } from 'node:test';

import { watch } from './behavior.ts';
import { FakeElement, fakePage, START_MS } from './fake.ts';

function watched() {
  const form = new FakeElement();
  const fake = fakePage();
  return { form, ...fake, watch: watch(form.asForm(), fake.page, () => START_MS) };
}

it('has the fields of the ingest API', () => {
  const { form, advance, watch } = watched();
  advance(1_803.4);
  form.fire('mousemove', { clientX: 412, clientY: 233.5 });
  form.fire('keydown', { key: 'q' });
  advance(2_000);
  assert.deepEqual(watch.read(), {
    formStartedAt: START_MS,
    formSubmittedAt: START_MS + 3_803,
    mousePath: [{ x: 412, y: 233.5, t: 1803 }],
    keystrokeCount: 1,
  });
});

it('takes a point each 50 ms at most, as the server checks', () => {
  const { form, advance, watch } = watched();
  for (let step = 0; step < 400; step++) {
    form.fire('mousemove', { clientX: step, clientY: 0 });
    advance(12.7);
  }
  const { mousePath } = watch.read();
  assert.equal(mousePath.length, 100);
  mousePath.slice(1).forEach(({ t }, index) => assert.ok(t - (mousePath[index]?.t ?? 0) >= 50));
});

it('takes 300 points at most', () => {
  const { form, advance, watch } = watched();
  for (let step = 0; step < 1_000; step++) {
    form.fire('mousemove', { clientX: step, clientY: 0 });
    advance(50);
  }
  assert.equal(watch.read().mousePath.length, 300);
});

it('counts keys and never says which', () => {
  const { form, watch } = watched();
  for (const key of 'hunter2') form.fire('keydown', { key, code: `Key${key}` });
  assert.equal(watch.read().keystrokeCount, 7);
  assert.doesNotMatch(JSON.stringify(watch.read()), /hunter|Key|"h"/);
});

it('does not count what a script pretends', () => {
  const { form, watch } = watched();
  form.fire('keydown', { isTrusted: false });
  form.fire('mousemove', { isTrusted: false, clientX: 1, clientY: 1 });
  const { mousePath, keystrokeCount } = watch.read();
  assert.deepEqual([mousePath, keystrokeCount], [[], 0]);
});

it('hears nothing after it was stopped', () => {
  const { form, watch } = watched();
  watch.stop();
  assert.equal(form.heard(), 0);
});
