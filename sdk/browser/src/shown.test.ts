import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FakeElement, fakePage, START_MS } from './fake.ts';
import { noticeShown } from './shown.ts';

class FakeObserver {
  static last: FakeObserver | undefined;
  isOn = false;
  constructor(readonly tell: (entries: { isIntersecting: boolean }[]) => void) {
    FakeObserver.last = this;
  }
  observe() {
    this.isOn = true;
  }
  disconnect() {
    this.isOn = false;
  }
}

function noticed(IntersectionObserver: unknown = FakeObserver) {
  const form = new FakeElement();
  const fake = fakePage({ IntersectionObserver });
  return { form, ...fake, shown: noticeShown(form.asForm(), fake.page) };
}

it('is when the form comes into view', () => {
  const { form, advance, shown } = noticed();
  FakeObserver.last?.tell([{ isIntersecting: false }]);
  advance(5_000);
  FakeObserver.last?.tell([{ isIntersecting: true }]);
  advance(5_000);
  form.fire('focusin');
  assert.equal(shown.since(), START_MS + 5_000);
  assert.deepEqual([FakeObserver.last?.isOn, form.heard()], [false, 0]);
});

it('is when the form is used, where the browser does not tell', () => {
  const { form, advance, shown } = noticed(undefined);
  assert.equal(shown.since(), START_MS);
  advance(700);
  form.fire('focusin');
  assert.equal(shown.since(), START_MS + 700);
});

it('is when it was looked for, for a form that was never in view', () => {
  const { advance, shown } = noticed();
  advance(900);
  assert.equal(shown.since(), START_MS);
});
