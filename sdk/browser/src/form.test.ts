import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FakeElement, fakePage, START_MS } from './fake.ts';
import { type AttachOptions, attachToForm, type Signals } from './form.ts';

function attached(options: Partial<AttachOptions> = {}, more: Record<string, unknown> = {}) {
  const form = new FakeElement();
  const errors: unknown[] = [];
  const fake = fakePage(more);
  const all = { consent: true, onError: (error: unknown) => errors.push(error), ...options };
  const attachment = attachToForm(form.asForm(), all, fake.page);
  const sent = () => {
    form.fire('submit');
    const [field] = form.children;
    return field && { name: field['name'], type: field['type'], signals: JSON.parse(String(field['value'])) as Signals };
  };
  return { form, errors, attachment, sent, ...fake };
}

it('puts one hidden field into the form when it is sent', () => {
  const { form, errors, advance, sent } = attached();
  advance(4_000);
  form.fire('mousemove', { clientX: 1, clientY: 2 });
  form.fire('keydown');
  const field = sent();
  assert.deepEqual([field?.type, field?.name], ['hidden', 'fraudSignals']);
  assert.deepEqual(Object.keys(field?.signals ?? {}), ['device', 'behavior']);
  assert.deepEqual(field?.signals.behavior, {
    formStartedAt: START_MS,
    formSubmittedAt: START_MS + 4_000,
    mousePath: [{ x: 1, y: 2, t: 4_000 }],
    keystrokeCount: 1,
  });
  assert.match(field?.signals.device.clientFingerprint ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(errors, []);
});

it('keeps one field when the form is sent again, with what happened since', () => {
  const { form, advance, sent } = attached({ fieldName: 'signals' });
  sent();
  advance(1_000);
  const field = sent();
  assert.equal(form.children.length, 1);
  assert.deepEqual([field?.name, field?.signals.behavior.formSubmittedAt], ['signals', START_MS + 1_000]);
});

it('fills the field for pages that send the form themselves', () => {
  const { form, attachment } = attached();
  attachment.fill();
  assert.equal(form.children.length, 1);
});

it('calls back in place of the field', () => {
  const given: Signals[] = [];
  const { form, sent } = attached({ onSubmit: (signals) => given.push(signals) });
  sent();
  assert.equal(form.children.length, 0);
  assert.equal(given[0]?.device.language, 'en-GB');
});

it('describes the device once, when the browser has time', () => {
  let drawn = 0;
  const document = { createElement: () => (drawn++, Object.assign(new FakeElement(), { getContext: () => null })) };
  const { idle, attachment } = attached({ onSubmit: () => {} }, { document });
  assert.equal(drawn, 0);
  idle();
  const once = drawn;
  assert.ok(once > 0);
  return attachment.collect().then(() => assert.equal(drawn, once));
});

it('collects nothing without consent, and touches nothing', async () => {
  for (const consent of [false, undefined as unknown as boolean, new Promise<boolean>(() => {}), Promise.resolve(false)]) {
    const { form, attachment, sent, touched, idle } = attached({ consent });
    await Promise.resolve();
    form.fire('mousemove', { clientX: 1, clientY: 2 });
    idle();
    assert.equal(sent(), undefined);
    assert.equal(await attachment.collect(), undefined);
    assert.deepEqual([form.heard(), form.children.length], [0, 0]);
    assert.deepEqual(touched, ['Date']);
  }
});

it('begins when consent comes, and has the form as old as it is', async () => {
  let grant = (_: boolean) => {};
  const { form, advance, sent } = attached({ consent: new Promise((resolve) => (grant = resolve)) });
  form.fire('keydown');
  advance(3_000);
  grant(true);
  await new Promise((resolve) => setTimeout(resolve));
  form.fire('keydown');
  const behavior = sent()?.signals.behavior;
  assert.deepEqual([behavior?.formStartedAt, behavior?.keystrokeCount], [START_MS, 1]);
});

it('forgets everything when it is detached', async () => {
  const { form, attachment, sent, idle } = attached();
  sent();
  attachment.detach();
  idle();
  assert.deepEqual([form.heard(), form.children.length], [0, 0]);
  assert.equal(await attachment.collect(), undefined);
  attachment.fill();
  assert.equal(form.children.length, 0);
});

it('does not begin when consent comes after it was detached', async () => {
  let grant = (_: boolean) => {};
  const { form, attachment } = attached({ consent: new Promise((resolve) => (grant = resolve)) });
  attachment.detach();
  grant(true);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(form.heard(), 0);
});

it('takes the id that the page brings', async () => {
  const { attachment } = attached({ visitorId: async () => 'visitor-1' });
  assert.equal((await attachment.collect())?.device.clientFingerprint, 'visitor-1');
});

it('leaves the id out when the page brings none in time', () => {
  const { sent } = attached({ visitorId: () => new Promise(() => {}) });
  assert.ok(!('clientFingerprint' in (sent()?.signals.device ?? {})));
});

it('throws nothing into the page, whatever is broken', async () => {
  const explode = (): never => {
    throw new Error('broken');
  };
  const broken: [Partial<AttachOptions>, Record<string, unknown>][] = [
    [{ onSubmit: explode }, {}],
    [{ onError: explode, onSubmit: explode }, {}],
    [{ visitorId: explode }, {}],
    [{}, { requestIdleCallback: explode }],
    [{}, { navigator: undefined, screen: undefined, document: undefined, Intl: undefined }],
    [{}, { Date: { now: explode } }],
    [{}, { performance: { now: explode } }],
    [{}, { IntersectionObserver: explode }],
  ];
  for (const [options, more] of broken) {
    const { form, attachment, idle } = attached(options, more);
    assert.doesNotThrow(() => {
      idle();
      for (const type of ['focusin', 'mousemove', 'keydown', 'submit']) form.fire(type);
      attachment.fill();
    });
    await attachment.collect();
    assert.doesNotThrow(() => attachment.detach());
  }
  for (const [form, options] of [[undefined, undefined], [{}, { consent: true }], [null, {}]]) {
    const attachment = attachToForm(form as HTMLFormElement, options as AttachOptions, fakePage().page);
    assert.equal(await attachment.collect(), undefined);
    assert.doesNotThrow(() => attachment.detach());
  }
});
