// Both sample backends do the same when Portcullis is slow, fails, or refuses.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { BACKENDS, startShop } from './support/shop.mjs';
import { startStub } from './support/stub.mjs';

const PASSWORD = 'never-forwarded-9';
const fraudSignals = {
  device: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', clientFingerprint: 'f1' },
  behavior: { formStartedAt: 1, formSubmittedAt: 9_001, mousePath: [], keystrokeCount: 30 },
};
const form = (email) => ({ email, password: PASSWORD, fraudSignals });

for (const backend of Object.keys(BACKENDS)) {
  describe(`${backend}, when Portcullis`, () => {
    let stub;
    let shop;
    let reply;
    before(async () => {
      stub = await startStub((request) => reply(request));
      shop = await startShop(backend, { url: stub.url, key: 'k1', BEHIND_PROXY: '1' });
    });
    after(async () => {
      await shop?.stop();
      stub?.stop();
    });
    const asked = async (told, path = '/api/signup', body = form('jane@example.com')) => {
      reply = () => told;
      stub.requests.length = 0;
      return shop.post(path, body);
    };

    it('is asked, gets the signals and the key, and never the password', async () => {
      await asked({ json: { decision: 'BLOCK', eventId: 'cm1' } });
      const [request] = stub.requests;
      assert.deepEqual([request.path, request.key], ['/api/v1/events/ingest', 'k1']);
      assert.deepEqual(request.json, {
        type: 'SIGNUP',
        email: 'jane@example.com',
        externalUserId: 'jane@example.com',
        ip: '127.0.0.1',
        ...fraudSignals,
      });
      await asked({ json: { decision: 'ALLOW', eventId: 'cm1' } }, '/api/login');
      assert.equal(stub.requests[0].json.type, 'LOGIN');
      assert.ok(!stub.requests.some(({ text }) => text.includes(PASSWORD)));
    });

    it('is told the visitor that the own proxy saw, not the one that the visitor claims', async () => {
      reply = () => ({ json: { decision: 'BLOCK', eventId: 'cm1' } });
      stub.requests.length = 0;
      await fetch(`${shop.origin}/api/signup`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': '6.6.6.6, 81.2.69.142' },
        body: JSON.stringify(form('jane@example.com')),
      });
      assert.equal(stub.requests[0].json.ip, '81.2.69.142');
    });

    for (const [what, told] of [
      ['does not answer', undefined],
      ['fails', { status: 500, json: { error: { code: 'internal_error' } } }],
      ['refuses the key', { status: 401, json: { error: { code: 'unauthorized' } } }],
      ['answers nonsense', { text: '<html>' }],
    ]) {
      it(`${what}, asks for a code within two seconds`, async () => {
        const startedAt = Date.now();
        const email = `${what.replaceAll(' ', '-')}@example.com`;
        const { status, json } = await asked(told, '/api/signup', form(email));
        assert.ok(Date.now() - startedAt < 2_000);
        assert.deepEqual([status, json.challenge], [200, 'email_verification']);
        const passed = await shop.post('/api/verify', { eventId: json.eventId, code: await shop.code(email) });
        assert.deepEqual([passed.status, passed.json.user], [200, { email }]);
        assert.equal(stub.requests.length, 1, 'there is no event to report on');
      });
    }

    it('can not read what the browser sent, refuses it instead of going around the check', async () => {
      const { status, json } = await asked({ status: 400, json: { error: { code: 'validation_failed' } } });
      assert.deepEqual([status, json], [400, { error: 'Please check what you entered.' }]);
    });

    it('asked for a challenge, reports that it failed after five wrong codes', async () => {
      const { json } = await asked({ json: { decision: 'CHALLENGE', eventId: 'cm7' } });
      for (let tries = 0; tries < 5; tries++) {
        const wrong = await shop.post('/api/verify', { eventId: json.eventId, code: 'x' });
        assert.deepEqual([wrong.status, wrong.json], [403, { error: 'The code is wrong or too old.' }]);
      }
      const report = stub.requests.at(-1);
      assert.deepEqual([report.path, report.json], ['/api/v1/events/cm7/outcome', { outcome: 'CHALLENGE_FAILED' }]);
      const late = await shop.post('/api/verify', { eventId: json.eventId, code: await shop.code('jane@example.com') });
      assert.equal(late.status, 403);
    });

    it('allows a login, lets nobody in with a wrong password', async () => {
      const { status } = await asked({ json: { decision: 'ALLOW', eventId: 'cm1' } }, '/api/login', form('nobody@example.com'));
      assert.equal(status, 401);
    });

    it('says anything, faulty requests are refused before it is asked', async () => {
      const large = JSON.stringify({ ...form('jane@example.com'), more: 'x'.repeat(70_000) });
      for (const body of ['', '{', '[]', 'null', '{}', '{"email":1,"password":2}', large]) {
        const { status } = await asked({ json: { decision: 'ALLOW', eventId: 'cm1' } }, '/api/signup', body);
        assert.equal(status, 400, body.slice(0, 40));
      }
      assert.equal(stub.requests.length, 0);
    });

    it('is not there to be asked, files outside the list are not served', async () => {
      for (const path of ['/../node/server.mjs', '/server.mjs', '/%2e%2e/node/fraud.mjs', '/package.json', '/nothing']) {
        assert.equal((await fetch(shop.origin + path)).status, 404, path);
      }
    });
  });
}
