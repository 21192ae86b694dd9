// The sample pages in a real browser, from the form to the decision.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { startPortcullis } from './support/portcullis.mjs';
import { startShop } from './support/shop.mjs';
import { launch, openPage, ordinaryUserAgent, randomFrom, submitByHand, submitByScript } from './support/visitor.mjs';

const PASSWORD = 'a-Long-passphrase-4';
const TEXTS = {
  signup: 'Your account is ready.',
  login: 'You are logged in.',
  challenge: 'We sent a code to your e-mail address. Enter it to go on.',
  blocked: 'We can not do this right now. Please contact support.',
};

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

// Each test has a client of its own: nothing it sees was left by another.
async function visit(t, browser, path, { mode, ...options } = {}) {
  const client = await portcullis.client(t.name.toLowerCase().replaceAll(/[^a-z]+/g, '-').slice(0, 60).replace(/-$/, ''), mode);
  const shop = await startShop('node', { url: portcullis.base, key: client.key });
  t.after(shop.stop);
  const { page, faults, requests, close } = await openPage(browser, shop.origin, path, options);
  t.after(close);
  const decided = async (eventId) => {
    const event = await client.event(eventId);
    t.diagnostic(`${event.decision} ${event.riskScore}: ${event.triggeredRules.map(({ code, weight }) => `${code} ${weight}`).join(', ') || 'no rule'}`);
    return event;
  };
  return { page, faults, requests, shop, decided };
}

async function photograph(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

const codes = (event) => event.triggeredRules.map(({ code }) => code);

describe('an ordinary browser without WebGL', () => {
  let browser;
  let userAgent;
  before(async () => {
    browser = await launch('--disable-3d-apis');
    userAgent = await ordinaryUserAgent(browser);
  });
  after(() => browser?.close());

  it('signs a person up', async (t) => {
    const { page, faults, decided } = await visit(t, browser, '/signup.html', { userAgent });
    await photograph(page, 'signup');
    const { json, sent } = await submitByHand(page, { email: 'jane.doe@gmail.com', password: PASSWORD }, randomFrom(7));
    const event = await decided(json.eventId);
    assert.equal(event.decision, 'ALLOW');
    assert.deepEqual(codes(event), []);
    assert.deepEqual(json.user, { email: 'jane.doe@gmail.com' });
    await page.getByText(TEXTS.signup).waitFor();
    await photograph(page, 'signed-up');
    assert.deepEqual(faults, []);

    const { device, behavior } = sent.fraudSignals;
    assert.deepEqual(Object.keys(sent), ['email', 'password', 'fraudSignals']);
    assert.deepEqual(Object.keys(sent.fraudSignals), ['device', 'behavior']);
    const fields = 'userAgent screen timezone language hardwareConcurrency deviceMemory platform clientFingerprint';
    // Pages without https are not told the memory; without WebGL there are no graphics.
    assert.deepEqual(Object.keys(device), fields.split(' ').filter((name) => name !== 'deviceMemory' || name in device));
    assert.deepEqual(Object.keys(device.screen), ['width', 'height', 'pixelRatio']);
    assert.match(device.clientFingerprint, /^[0-9a-f]{32}$/);
    assert.deepEqual(Object.keys(behavior), ['formStartedAt', 'formSubmittedAt', 'mousePath', 'keystrokeCount']);
    const took = behavior.formSubmittedAt - behavior.formStartedAt;
    assert.ok(took > 3_000 && took < 20_000, `${took} ms`);
    assert.ok(behavior.keystrokeCount >= 'jane.doe@gmail.com'.length + PASSWORD.length);
    assert.ok(behavior.mousePath.length >= 10 && behavior.mousePath.length <= 300);
    behavior.mousePath.slice(1).forEach((point, index) => assert.ok(point.t - behavior.mousePath[index].t >= 50));
  });

  it('is not enough for a script to sign up', async (t) => {
    const { page, faults, decided } = await visit(t, browser, '/signup.html', { userAgent });
    const { json, sent } = await submitByScript(page, { email: 'jane.doe@gmail.com', password: PASSWORD });
    assert.deepEqual([sent.fraudSignals.behavior.mousePath, sent.fraudSignals.behavior.keystrokeCount], [[], 0]);
    const event = await decided(json.eventId);
    assert.notEqual(event.decision, 'ALLOW');
    assert.deepEqual(faults, []);
  });

  it('logs a person in', async (t) => {
    const { page, faults, shop, decided } = await visit(t, browser, '/signup.html', { userAgent });
    await submitByHand(page, { email: 'jane.doe@gmail.com', password: PASSWORD }, randomFrom(8));
    await page.goto(`${shop.origin}/login.html`);
    await photograph(page, 'login');
    const { json } = await submitByHand(page, { email: 'jane.doe@gmail.com', password: PASSWORD }, randomFrom(9));
    const event = await decided(json.eventId);
    assert.deepEqual([event.type, event.decision], ['LOGIN', 'ALLOW']);
    await page.getByText(TEXTS.login).waitFor();
    assert.deepEqual(faults, []);
  });
});

describe('the page', () => {
  let browser;
  let userAgent;
  before(async () => {
    browser = await launch('--disable-3d-apis');
    userAgent = await ordinaryUserAgent(browser);
  });
  after(() => browser?.close());

  it('asks for the code when it is challenged', async (t) => {
    const { page, faults, shop } = await visit(t, browser, '/signup.html', { mode: 'test' });
    const email = 'test+challenge@example.com';
    await submitByScript(page, { email, password: PASSWORD });
    await page.getByText(TEXTS.challenge).waitFor();
    await photograph(page, 'challenged');
    await page.getByLabel('Code from the e-mail').fill(await shop.code(email));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText(TEXTS.signup).waitFor();
    assert.deepEqual(faults, []);
  });

  it('works where the fingerprint is blocked', async (t) => {
    const { page, decided } = await visit(t, browser, '/signup.html', { userAgent });
    await page.route('**/fp.umd.min.js', (route) => route.abort());
    await page.reload();
    const { json, sent } = await submitByScript(page, { email: 'jane.doe@gmail.com', password: PASSWORD });
    assert.ok(sent.fraudSignals.device.platform);
    assert.equal(sent.fraudSignals.device.clientFingerprint, undefined);
    assert.ok(codes(await decided(json.eventId)).includes('MISSING_SIGNALS'));
    await page.getByText(TEXTS.challenge).waitFor();
  });

  it('asks nobody but the shop for anything', async (t) => {
    const { page, faults, requests } = await visit(t, browser, '/login.html');
    await submitByScript(page, { email: 'jane.doe@gmail.com', password: PASSWORD });
    const asked = requests.filter((path) => path.startsWith('/') && path !== '/favicon.svg').sort(); // Not always asked for.
    assert.deepEqual(asked, ['/api/login', '/fp.umd.min.js', '/fraud-signals.js', '/login.html', '/shop.js', '/style.css', '/with-snippet.js']);
    // Nobody has this account; the browser itself tells of every answer that is an error.
    assert.deepEqual(faults, ['console error: Failed to load resource: the server responded with a status of 401 (Unauthorized)']);

    // And if it did, these tests would notice.
    faults.length = 0;
    await page.evaluate(() => {
      document.body.setAttribute('style', 'color: red');
      document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/pixel.gif' }));
    });
    await assert.doesNotReject(page.waitForFunction(() => document.images[0].complete));
    const seen = faults.join('\n');
    assert.match(seen, /CSP: style-src-attr refused inline/);
    assert.match(seen, /CSP: img-src refused https:\/\/elsewhere/);
  });
});

describe('a headless browser as it comes', () => {
  let browser;
  before(async () => (browser = await launch('--use-angle=swiftshader', '--enable-unsafe-swiftshader')));
  after(() => browser?.close());

  it('is recognized, in words for the shop and not for the visitor', async (t) => {
    const { page, faults, shop, decided } = await visit(t, browser, '/signup.html');
    const { status, json } = await submitByScript(page, { email: 'jane.doe@gmail.com', password: PASSWORD });
    assert.deepEqual([status, json], [403, { error: TEXTS.blocked }]);
    await page.getByText(TEXTS.blocked).waitFor();
    await photograph(page, 'blocked');
    const [, eventId] = await shop.seen(/refused (\S+)/);
    const event = await decided(eventId);
    assert.equal(event.decision, 'BLOCK');
    for (const code of ['HEADLESS_BROWSER', 'SOFTWARE_RENDERER', 'FAST_COMPLETION', 'NO_INTERACTION']) {
      assert.ok(codes(event).includes(code), code);
    }
    // The browser itself tells of every answer that is an error.
    assert.deepEqual(faults, ['console error: Failed to load resource: the server responded with a status of 403 (Forbidden)']);
  });
});
