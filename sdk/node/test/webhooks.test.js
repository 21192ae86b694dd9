import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it } from 'node:test';

import { TxCloud, WebhookError, verifyWebhook } from '../src/index.js';
import { KEY } from './fake.js';

// The vector of Standard Webhooks 1.0.0.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const AT_S = 1_614_265_330;
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': String(AT_S),
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW = { now: AT_S * 1_000 };
const KEY_BYTES = Buffer.from(SECRET.slice(6), 'base64');
const OF_BODY = {
  'x-txcloud-timestamp': String(AT_S),
  'x-txcloud-signature': createHmac('sha256', KEY_BYTES).update(BODY).digest('hex'),
};

const codeOf = (...args) => {
  try {
    return verifyWebhook(...args) && 'fits';
  } catch (error) {
    assert.ok(error instanceof WebhookError, String(error));
    return error.code;
  }
};

it('takes the vector of the standard, in whatever form it comes', () => {
  const message = { test: 2432232314 };
  for (const payload of [BODY, Buffer.from(BODY), new TextEncoder().encode(BODY)]) {
    assert.deepEqual(verifyWebhook(payload, HEADERS, SECRET, NOW), message);
  }
  const upper = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name.toUpperCase(), value]));
  for (const headers of [new Headers(HEADERS), new Map(Object.entries(HEADERS)), upper]) {
    assert.deepEqual(verifyWebhook(BODY, headers, SECRET, NOW), message);
  }
  const client = new TxCloud({ apiKey: KEY });
  assert.deepEqual(client.webhooks.verify(BODY, HEADERS, SECRET, { now: new Date(NOW.now) }), message);
});

it('takes one signature of several', () => {
  const both = { ...HEADERS, 'webhook-signature': `v1a,AAAA v1,AAAA ${HEADERS['webhook-signature']}` };
  assert.equal(codeOf(BODY, both, SECRET, NOW), 'fits');
});

it('refuses what was changed', () => {
  const cases = [
    [`${BODY} `, HEADERS, SECRET],
    [BODY, { ...HEADERS, 'webhook-id': 'msg_other' }, SECRET],
    [BODY, { ...HEADERS, 'webhook-timestamp': String(AT_S + 1) }, SECRET],
    [BODY, { ...HEADERS, 'webhook-signature': 'v1,AAAA' }, SECRET],
    [BODY, { ...HEADERS, 'webhook-signature': HEADERS['webhook-signature'].replace('v1,', 'v2,') }, SECRET],
    [BODY, HEADERS, `whsec_${Buffer.alloc(32).toString('base64')}`],
  ];
  for (const [body, headers, secret] of cases) assert.equal(codeOf(body, headers, secret, NOW), 'invalid_signature');
});

it('refuses what is old, or from the future', () => {
  const late = (seconds, options) => codeOf(BODY, HEADERS, SECRET, { now: (AT_S + seconds) * 1_000, ...options });
  assert.deepEqual([late(300), late(-300), late(301), late(-301)], ['fits', 'fits', 'timestamp_out_of_tolerance', 'timestamp_out_of_tolerance']);
  assert.deepEqual([late(20, { toleranceSeconds: 10 }), late(10, { toleranceSeconds: 10 })], ['timestamp_out_of_tolerance', 'fits']);
  assert.equal(codeOf(BODY, HEADERS, SECRET), 'timestamp_out_of_tolerance');
  for (const time of ['', 'soon', '1e9', '-1', ' 1614265330']) {
    const code = codeOf(BODY, { ...HEADERS, 'webhook-timestamp': time }, SECRET, NOW);
    assert.equal(code, time ? 'timestamp_out_of_tolerance' : 'missing_header');
  }
});

it('needs every header', () => {
  for (const name of Object.keys(HEADERS)) {
    const { [name]: _, ...rest } = HEADERS;
    assert.equal(codeOf(BODY, rest, SECRET, NOW), 'missing_header', name);
  }
  assert.equal(codeOf(BODY, undefined, SECRET, NOW), 'missing_header');
});

it('takes the signature of the body alone only when told to', () => {
  const txcloud = { ...NOW, scheme: 'txcloud' };
  assert.equal(codeOf(BODY, OF_BODY, SECRET, NOW), 'missing_header');
  assert.equal(codeOf(BODY, OF_BODY, SECRET, txcloud), 'fits');
  assert.equal(codeOf(`${BODY} `, OF_BODY, SECRET, txcloud), 'invalid_signature');
  assert.equal(codeOf(BODY, { ...OF_BODY, 'x-txcloud-signature': 'zz' }, SECRET, txcloud), 'invalid_signature');
  assert.equal(codeOf(BODY, OF_BODY, SECRET, { scheme: 'txcloud', now: (AT_S + 301) * 1_000 }), 'timestamp_out_of_tolerance');
  assert.equal(codeOf(BODY, HEADERS, SECRET, txcloud), 'missing_header');
});

it('says so when it is used wrongly', () => {
  for (const payload of [{ test: 1 }, undefined, 7]) assert.throws(() => verifyWebhook(payload, HEADERS, SECRET, NOW), TypeError);
  for (const secret of ['', 'whsec_', 'whsec_!!!!', SECRET.slice(6), undefined]) {
    assert.throws(() => verifyWebhook(BODY, HEADERS, secret, NOW), TypeError, String(secret));
  }
  for (const options of [{ scheme: 'toString' }, { toleranceSeconds: NaN }]) {
    assert.throws(() => verifyWebhook(BODY, HEADERS, SECRET, { ...NOW, ...options }), TypeError);
  }
});

it('refuses a message that is no JSON, though it is signed', () => {
  const signature = createHmac('sha256', KEY_BYTES).update('not JSON').digest('hex');
  const headers = { ...OF_BODY, 'x-txcloud-signature': signature };
  assert.equal(codeOf('not JSON', headers, SECRET, { ...NOW, scheme: 'txcloud' }), 'invalid_payload');
});
