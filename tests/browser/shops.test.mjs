// Both sample backends do what a real server decides.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startPortcullis } from './support/portcullis.mjs';
import { BACKENDS, startShop } from './support/shop.mjs';

const PASSWORD = 'never-forwarded-9';
const fraudSignals = {
  device: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', clientFingerprint: 'f1' },
  behavior: { formStartedAt: 1, formSubmittedAt: 9_001, mousePath: [], keystrokeCount: 30 },
};
const form = (email) => ({ email, password: PASSWORD, fraudSignals });

let portcullis;
let testKey;
before(async () => {
  portcullis = await startPortcullis();
  testKey = (await portcullis.client('test-values', 'test')).key;
});
after(() => portcullis?.stop());

for (const backend of Object.keys(BACKENDS)) {
  describe(`${backend}, with a test key`, () => {
    let shop;
    before(async () => (shop = await startShop(backend, { url: portcullis.base, key: testKey })));
    after(() => shop?.stop());

    it('creates the account on ALLOW', async () => {
      const { status, json } = await shop.post('/api/signup', form('test+allow@example.com'));
      assert.deepEqual([status, json.user], [200, { email: 'test+allow@example.com' }]);
      assert.match(json.eventId, /^cm/);
      const again = await shop.post('/api/signup', form('test+allow@example.com'));
      assert.equal(again.status, 409, 'the account is there');
      const login = await shop.post('/api/login', form('test+allow@example.com'));
      assert.equal(login.status, 200);
    });

    it('holds the account on CHALLENGE until the code comes, and reports that it came', async () => {
      const email = 'test+challenge@example.com';
      const { status, json } = await shop.post('/api/signup', form(email));
      assert.deepEqual([status, json.challenge, json.user], [200, 'email_verification', undefined]);
      const code = await shop.code(email);
      const passed = await shop.post('/api/verify', { eventId: json.eventId, code });
      assert.deepEqual([passed.status, passed.json.user], [200, { email }]);
      const again = await shop.post('/api/verify', { eventId: json.eventId, code });
      assert.equal(again.status, 403, 'a code works once');
      const event = await fetch(`${portcullis.base}/api/v1/events/${json.eventId}`, { headers: { 'x-api-key': testKey } });
      assert.equal((await event.json()).outcome.outcome, 'CHALLENGE_PASSED');
    });

    it('refuses on BLOCK, in words that tell nothing', async () => {
      const { status, text } = await shop.post('/api/signup', form('test+block@example.com'));
      assert.equal(status, 403);
      assert.deepEqual(JSON.parse(text), { error: 'We can not do this right now. Please contact support.' });
      assert.doesNotMatch(text, /[A-Z]+_[A-Z]+|BLOCK|fraud|risk|rule|score|eventId/);
    });
  });
}
