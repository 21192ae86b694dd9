// The browser SDK in a real browser: what it collects, what it leaves alone, and what the server makes of it.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { startPlainShop } from './support/plain_shop.mjs';
import { startPortcullis } from './support/portcullis.mjs';
import { behaviorFaults, DEVICE, faultsOf, FINGERPRINT } from './support/shape.mjs';
import { startShop } from './support/shop.mjs';
import { launch, openPage, ordinaryUserAgent, randomFrom, submitByHand, submitByScript } from './support/visitor.mjs';

const PASSWORD = 'a-Long-passphrase-4';
const JANE = { email: 'jane.doe@gmail.com', password: PASSWORD };

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

const slugOf = ({ name }) => `sdk-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`.slice(0, 60).replace(/-$/, '');
const codes = ({ triggeredRules }) => triggeredRules.map(({ code }) => code);

describe('the pages of the sample shop with the SDK', () => {
  let browser;
  let userAgent;
  before(async () => {
    browser = await launch('--disable-3d-apis');
    userAgent = await ordinaryUserAgent(browser);
  });
  after(() => browser?.close());

  async function visit(t, path, { consent = true, backend = 'node' } = {}) {
    const client = await portcullis.client(slugOf(t));
    const shop = await startShop(backend, { url: portcullis.base, key: client.key });
    t.after(shop.stop);
    const visitor = await openPage(browser, shop.origin, path, { userAgent });
    t.after(visitor.close);
    if (consent) await visitor.page.getByLabel('Let us look at this device').check();
    return { ...visitor, shop, event: client.event };
  }

  it('sign a person up', async (t) => {
    const { page, faults, event } = await visit(t, '/sdk-signup.html');
    const { json, sent } = await submitByHand(page, JANE, randomFrom(21));
    const decided = await event(json.eventId);
    assert.deepEqual([decided.decision, codes(decided)], ['ALLOW', []]);
    await page.getByText('Your account is ready.').waitFor();
    assert.deepEqual(Object.keys(sent.fraudSignals), ['device', 'behavior']);
    const { device, behavior } = sent.fraudSignals;
    assert.deepEqual([faultsOf(device, DEVICE), behaviorFaults(behavior)], [[], []]);
    assert.ok(behavior.mousePath.length >= 10);
    assert.equal(behavior.keystrokeCount, JANE.email.length + PASSWORD.length);
    const took = behavior.formSubmittedAt - behavior.formStartedAt;
    assert.ok(took > 3_000 && took < 30_000, `${took} ms`);
    assert.deepEqual(faults, []);
  });

  it('do not sign a script up, on the same device, for its behavior alone', async (t) => {
    const { page, event } = await visit(t, '/sdk-signup.html', { consent: false });
    await page.evaluate(() => document.querySelector('#consent').click());
    const { json, sent } = await submitByScript(page, JANE);
    assert.deepEqual([faultsOf(sent.fraudSignals.device, DEVICE), behaviorFaults(sent.fraudSignals.behavior)], [[], []]);
    const decided = await event(json.eventId);
    assert.notEqual(decided.decision, 'ALLOW');
    // No rule about the device or the address.
    assert.deepEqual(codes(decided).sort(), ['CLOCK_TAMPERED', 'FAST_COMPLETION', 'NO_INTERACTION']);
  });

  it('are not fooled by events that a script makes', async (t) => {
    const { page } = await visit(t, '/sdk-signup.html');
    await page.evaluate(async () => {
      const form = document.querySelector('form[data-action]');
      for (let step = 0; step < 20; step++) {
        form.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: step * 7, clientY: step * 3 }));
        form.elements.email.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, key: 'a' }));
        await new Promise((resolve) => setTimeout(resolve, 55));
      }
    });
    const { sent } = await submitByScript(page, JANE);
    const { mousePath, keystrokeCount } = sent.fraudSignals.behavior;
    assert.equal(keystrokeCount, 0);
    assert.ok(mousePath.length <= 1, 'but for the real click on the box');
  });

  it('log a person in', async (t) => {
    const { page, shop, faults, event } = await visit(t, '/sdk-signup.html', { backend: 'python' });
    await submitByHand(page, JANE, randomFrom(22));
    await page.goto(`${shop.origin}/sdk-login.html`);
    await page.getByLabel('Let us look at this device').check();
    const { json } = await submitByHand(page, JANE, randomFrom(23));
    const decided = await event(json.eventId);
    assert.deepEqual([decided.type, decided.decision], ['LOGIN', 'ALLOW']);
    assert.deepEqual(faults, []);
  });

  it('send no signals when consent is withheld, and keep nothing', async (t) => {
    const { page, faults, event } = await visit(t, '/sdk-signup.html', { consent: false });
    const { json, sent } = await submitByHand(page, JANE, randomFrom(24));
    assert.deepEqual(Object.keys(sent), ['email', 'password']);
    assert.ok(codes(await event(json.eventId)).includes('MISSING_SIGNALS'));
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
    assert.deepEqual(faults, []);
  });

  it('send no signals when consent is taken back', async (t) => {
    const { page } = await visit(t, '/sdk-signup.html');
    await page.getByLabel('Let us look at this device').uncheck();
    const { sent } = await submitByScript(page, JANE);
    assert.deepEqual(Object.keys(sent), ['email', 'password']);
  });

  it('send the form where the SDK is blocked', async (t) => {
    const { page, event } = await visit(t, '/sdk-signup.html', { consent: false });
    await page.route('**/form.js', (route) => route.abort());
    await page.reload();
    const { json, sent } = await submitByHand(page, JANE, randomFrom(25));
    assert.deepEqual(Object.keys(sent), ['email', 'password']);
    assert.ok(codes(await event(json.eventId)).includes('MISSING_SIGNALS'));
  });

  it('ask nobody but the shop for anything', async (t) => {
    const { page, faults, requests } = await visit(t, '/sdk-signup.html');
    await submitByScript(page, JANE);
    const asked = requests.filter((path) => path !== '/favicon.svg').sort();
    assert.deepEqual(asked, ['/api/signup', '/form.js', '/sdk-signup.html', '/shop.js', '/style.css', '/with-sdk.js']);
    assert.deepEqual(faults, []);
  });
});

describe('a form that the browser sends itself', () => {
  let browser;
  before(async () => (browser = await launch('--disable-3d-apis')));
  after(() => browser?.close());

  async function visit(t, { attach, broken } = {}) {
    const client = await portcullis.client(slugOf(t));
    const shop = await startPlainShop({ url: portcullis.base, key: client.key, attach });
    t.after(shop.stop);
    const faults = [];
    const context = await browser.newContext();
    t.after(() => context.close());
    context.setDefaultTimeout(10_000);
    context.on('weberror', (error) => faults.push(`uncaught ${error.error()}`));
    if (broken) await context.addInitScript(broken);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(shop.origin);
    const submit = async () => {
      await page.getByLabel('E-mail').fill(JANE.email);
      await page.getByRole('button').click();
      await page.waitForURL('**/signup');
      return JSON.parse(await page.locator('body').innerText());
    };
    return { page, faults, submit };
  }

  it('carries the signals in a hidden field, under a strict policy with trusted types', async (t) => {
    const { faults, submit } = await visit(t);
    const { status, json, signals } = await submit();
    assert.equal(status, 200);
    assert.deepEqual([faultsOf(signals.device, DEVICE), behaviorFaults(signals.behavior)], [[], []]);
    assert.equal(json.allChecks.find(({ code }) => code === 'MISSING_SIGNALS').status, 'PASS');
    assert.deepEqual(faults, []);
  });

  it('is sent when everything that the SDK reads is broken', async (t) => {
    const { faults, submit } = await visit(t, {
      broken: () => {
        const explode = () => {
          throw new Error('broken');
        };
        for (const name of ['userAgent', 'language', 'languages', 'platform', 'hardwareConcurrency', 'deviceMemory', 'maxTouchPoints']) {
          Object.defineProperty(Navigator.prototype, name, { get: explode });
        }
        HTMLCanvasElement.prototype.getContext = explode;
        Screen.prototype.__defineGetter__('width', explode);
        Intl.DateTimeFormat = explode;
        window.requestIdleCallback = explode;
        window.IntersectionObserver = explode;
        performance.now = explode;
      },
    });
    const { status } = await submit();
    assert.equal(status, 200);
    assert.deepEqual(faults, []);
  });

  it('is sent when the SDK can not even put a field into it', async (t) => {
    const { faults, submit } = await visit(t, {
      broken: () => {
        HTMLFormElement.prototype.append = () => {
          throw new Error('broken');
        };
        JSON.stringify = HTMLFormElement.prototype.append;
      },
    });
    const { status, signals } = await submit();
    assert.deepEqual([status, signals], [200, undefined]);
    assert.deepEqual(faults, []);
  });

  it('carries nothing without consent', async (t) => {
    const attach = `window.field = Portcullis.attachToForm(document.querySelector('form'), { consent: new Promise(() => {}) });`;
    const { submit } = await visit(t, { attach });
    const { signals } = await submit();
    assert.equal(signals, undefined);
  });
});

describe('what a browser shows', () => {
  let browser;
  before(async () => (browser = await launch('--use-angle=swiftshader', '--enable-unsafe-swiftshader')));
  after(() => browser?.close());

  // A page of its own context, so with an empty storage; `ask` runs in it.
  async function inPage(t) {
    const shop = await startPlainShop({ url: portcullis.base, key: 'none', attach: '' });
    t.after(shop.stop);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(shop.origin);
    return { page, stored: () => page.evaluate(async () => [Object.keys(localStorage), (await indexedDB.databases()).map(({ name }) => name)]) };
  }

  it('is the fingerprint object of the fraudshield API, the same on each visit', async (t) => {
    const seen = [];
    for (let visit = 0; visit < 2; visit++) {
      const { page } = await inPage(t);
      seen.push(await page.evaluate(() => Portcullis.collectFingerprint({ consent: true })));
    }
    assert.deepEqual(faultsOf(seen[0], FINGERPRINT), []);
    assert.match(seen[0].screen_resolution, /^\d+x\d+$/);
    assert.match(`${seen[0].canvas_hash} ${seen[0].webgl_hash}`, /^[0-9a-f]{32} [0-9a-f]{32}$/);
    assert.deepEqual(seen[0], seen[1]);
  });

  it('is the device object of the ingest API, the same on each visit, with nothing stored', async (t) => {
    const seen = [];
    for (let visit = 0; visit < 2; visit++) {
      const { page, stored } = await inPage(t);
      seen.push(await page.evaluate(() => Portcullis.collectDevice({ consent: true })));
      assert.deepEqual(await stored(), [[], []]);
    }
    assert.deepEqual(faultsOf(seen[0], { ...DEVICE, webglVendor: 'string', webglRenderer: 'string' }), []);
    assert.match(seen[0].clientFingerprint, /^[0-9a-f]{32}$/);
    assert.deepEqual(seen[0], seen[1]);
  });

  it('is left alone without consent', async (t) => {
    const { page } = await inPage(t);
    const asked = await page.evaluate(async () => {
      const consent = false;
      const key = { publicKey: '', serviceEncryptionKey: '', eventType: 'visits' };
      return Promise.all([Portcullis.collectDevice({ consent }), Portcullis.collectFingerprint({ consent }), Portcullis.sealDevice({ consent, ...key })]);
    });
    assert.deepEqual(asked, [undefined, undefined, undefined]);
  });

  it('is remembered by those who ask for it, until it is forgotten', async (t) => {
    const { page, stored } = await inPage(t);
    const device = () => page.evaluate(() => Portcullis.collectDevice({ consent: true, remember: true }));
    const first = await device();
    assert.deepEqual(await stored(), [['portcullis.id'], []]);
    await page.reload();
    assert.equal((await device()).clientFingerprint, first.clientFingerprint);
    await page.evaluate(() => Portcullis.forget());
    assert.deepEqual(await stored(), [[], []]);
    assert.notEqual((await device()).clientFingerprint, first.clientFingerprint);
  });

  it('is sealed for the keyri API, and signed with a key that the browser keeps when asked to', async (t) => {
    const { page, stored } = await inPage(t);
    const { subtle } = webcrypto;
    const keys = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const publicKey = Buffer.from(await subtle.exportKey('spki', keys.publicKey)).toString('base64');
    const sealed = (remember) =>
      page.evaluate((options) => Portcullis.sealDevice({ consent: true, ...options }), {
        publicKey,
        serviceEncryptionKey: 'service',
        eventType: 'signup',
        remember,
      });
    const plain = await opened(await sealed(false), keys.privateKey);
    assert.equal(plain.cryptoCookie, undefined);
    assert.ok(Object.values(plain.deviceParams).every((value) => typeof value === 'string'));
    assert.deepEqual(await stored(), [[], []]);

    const [one, other] = [await opened(await sealed(true), keys.privateKey), await opened(await sealed(true), keys.privateKey)];
    assert.deepEqual([one.cryptoCookie, one.clientSigningKey], [other.cryptoCookie, other.cryptoCookie]);
    assert.equal(one.deviceHash, plain.deviceHash);
    const curve = { name: 'ECDSA', namedCurve: 'P-256' };
    const key = await subtle.importKey('spki', Buffer.from(one.cryptoCookie, 'base64'), curve, false, ['verify']);
    const signature = Buffer.from(one.timestampSignature, 'base64');
    assert.ok(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, Buffer.from(one.timestamp)));
    assert.deepEqual(await stored(), [[], ['portcullis']]);
    await page.evaluate(() => Portcullis.forget());
    assert.deepEqual(await stored(), [[], []]);
  });
});

// What the server reads of an envelope.
async function opened(envelope, privateKey) {
  const { subtle } = webcrypto;
  const fields = JSON.parse(Buffer.from(envelope, 'base64'));
  const [theirs, ciphertext, salt, iv] = ['clientEncryptionKey', 'ciphertext', 'salt', 'iv'].map((name) => Buffer.from(fields[name], 'base64'));
  const client = await subtle.importKey('spki', theirs, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: client }, privateKey, 256);
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: Buffer.alloc(0) };
  const key = await subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  return JSON.parse(Buffer.from(await subtle.decrypt({ name: 'AES-GCM', iv }, key, ciphertext)));
}
