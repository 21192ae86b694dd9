import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { inspect } from 'node:util';

import { ApiError, ConnectionError, RateLimitError, TxCloud, ValidationError } from '../src/index.js';
import { KEY, answer, clientOf, refusal, silence, unreachable } from './fake.js';

const keys = (asked) => asked.map(({ headers }) => headers['Idempotency-Key']);

it('sends the key, and asks for no redirects', async () => {
  const { client, asked } = clientOf([answer({ object: 'settings' })], { baseUrl: 'https://fraud.example/below/' });
  assert.deepEqual(await client.fraud.settings.retrieve(), { object: 'settings' });
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url)));
  assert.equal(asked[0].url.href, 'https://fraud.example/below/v1/fraud/settings');
  assert.equal(asked[0].redirect, 'manual');
  assert.deepEqual(asked[0].headers, {
    Authorization: `Bearer ${KEY}`,
    Accept: 'application/json',
    'User-Agent': `portcullis-node/${version}`,
  });
});

it('tries a POST again with the key that it sent first', async () => {
  const { client, asked, waits } = clientOf([unreachable, refusal(503), answer({ allowed: true }, { status: 201 })]);
  assert.deepEqual(await client.fraud.velocity.check({ action: 'login' }), { allowed: true });
  assert.equal(asked.length, 3);
  assert.equal(new Set(keys(asked)).size, 1);
  assert.match(keys(asked)[0], /^[\da-f-]{36}$/);
  assert.deepEqual(waits, [375, 750]);
  await client.fraud.velocity.check({ action: 'login' });
  assert.notEqual(keys(asked)[3], keys(asked)[0]);
});

for (const status of [408, 429, 500, 502, 503, 504]) {
  it(`tries again after ${status}, as often as it may`, async () => {
    const { client, asked } = clientOf([refusal(status)], { maxRetries: 3 });
    await assert.rejects(client.fraud.settings.retrieve(), { status });
    assert.equal(asked.length, 4);
  });
}

for (const status of [301, 400, 401, 403, 404, 405, 409, 413, 415]) {
  it(`does not try again after ${status}`, async () => {
    const { client, asked, waits } = clientOf([refusal(status)]);
    await assert.rejects(client.fraud.settings.retrieve(), { status });
    assert.deepEqual([asked.length, waits], [1, []]);
  });
}

it('waits as long as the server asks for', async () => {
  const { client, waits } = clientOf([refusal(429, {}, { 'Retry-After': '7' }), refusal(503, { retry_after: 1 }), answer({})]);
  await client.fraud.settings.retrieve();
  assert.deepEqual(waits, [7_125, 1_125]);
});

it('asks its caller rather than waiting for long', async () => {
  const { client, asked } = clientOf([refusal(429, { type: 'rate_limit_error', retry_after: 11 })]);
  await assert.rejects(client.fraud.settings.retrieve(), (error) => error instanceof RateLimitError && error.retryAfter === 11);
  assert.equal(asked.length, 1);
  await assert.rejects(client.fraud.settings.retrieve({ maxRetryDelayMs: 11_000 }));
  assert.equal(asked.length, 4);
});

it('takes options for one call', async () => {
  const { client, asked } = clientOf([refusal(500)], { maxRetries: 5 });
  await assert.rejects(client.fraud.settings.retrieve({ maxRetries: 0, timeoutMs: undefined }));
  assert.equal(asked.length, 1);
  await assert.rejects(client.fraud.settings.retrieve({ maxRetries: 0.5 }), TypeError);
});

it('gives up an attempt that takes too long', async () => {
  const { client, asked } = clientOf([silence], { timeoutMs: 1, maxRetries: 1 });
  await assert.rejects(client.fraud.settings.retrieve(), (error) => error instanceof ConnectionError && error.code === 'timeout');
  assert.equal(asked.length, 2);
});

it('says that nobody is there, and why', async () => {
  const { client } = clientOf([unreachable], { maxRetries: 0 });
  await assert.rejects(client.fraud.settings.retrieve(), (error) => {
    assert.deepEqual([error.name, error.type, error.code, error.status], ['ConnectionError', 'connection_error', 'connection_failed', null]);
    return error.cause.message === 'fetch failed';
  });
});

it('ends with the signal: before, during and between attempts', async () => {
  const why = new Error('the visitor left');
  const before = clientOf([answer({})]);
  await assert.rejects(before.client.fraud.settings.retrieve({ signal: AbortSignal.abort(why) }), why);
  assert.equal(before.asked.length, 0);

  const leaving = new AbortController();
  const during = clientOf([silence]);
  const call = during.client.fraud.settings.retrieve({ signal: leaving.signal });
  leaving.abort(why);
  await assert.rejects(call, why);
  assert.equal(during.asked.length, 1);

  const controller = new AbortController();
  const fetch = async () => refusal(500)();
  const wait = async (_, signal) => {
    controller.abort(why);
    signal.throwIfAborted();
  };
  const between = new TxCloud({ apiKey: KEY, fetch }, { wait });
  await assert.rejects(between.fraud.settings.retrieve({ signal: controller.signal }), why);
});

it('tells an answer that is not from the API', async () => {
  const { client } = clientOf([answer('<html>')]);
  await assert.rejects(client.fraud.settings.retrieve(), (error) => error instanceof ApiError && /baseUrl/.test(error.message));
  const proxy = clientOf([answer('<html>', { status: 413 })]);
  await assert.rejects(proxy.client.fraud.settings.retrieve(), (error) => error instanceof ValidationError && error.status === 413);
});

it('never shows the key', async () => {
  const { client } = clientOf([unreachable], { maxRetries: 0 });
  const error = await client.fraud.settings.retrieve().catch((thrown) => thrown);
  const shown = inspect([client, error], { depth: 9, showHidden: true }) + JSON.stringify([client, error]) + error.stack;
  assert.ok(!shown.includes(KEY));
  for (const apiKey of [`${KEY}\n`, `${KEY} x`, `${KEY}é`]) {
    assert.throws(() => new TxCloud({ apiKey }), (thrown) => thrown instanceof TypeError && !inspect(thrown).includes(KEY));
  }
});

it('refuses options that can not be meant', () => {
  for (const options of [undefined, {}, { apiKey: '' }, { apiKey: 7 }]) assert.throws(() => new TxCloud(options), TypeError);
  for (const baseUrl of ['localhost:8080', 'ftp://a.example', 'https://user:secret@a.example', 'https://a.example/?v=1', '']) {
    assert.throws(() => new TxCloud({ apiKey: KEY, baseUrl }), TypeError, baseUrl);
  }
  for (const [name, value] of [['timeoutMs', 0], ['timeoutMs', 2 ** 31], ['maxRetries', -1], ['maxRetries', Infinity], ['maxRetryDelayMs', NaN]]) {
    assert.throws(() => new TxCloud({ apiKey: KEY, [name]: value }), TypeError, name);
  }
});
