// The consoles in a real browser, from the first client to its revoked key, by clicking.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { assertClean, goTo, logIn, waterfall } from './support/console.mjs';
import { startPortcullis } from './support/portcullis.mjs';
import { startShop } from './support/shop.mjs';
import { launch, openPage } from './support/visitor.mjs';

const PASSWORD = 'Correct-Horse-8';
const fraudSignals = {
  device: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', clientFingerprint: 'f1' },
  behavior: { formStartedAt: 1, formSubmittedAt: 9_001, mousePath: [], keystrokeCount: 30 },
};

let browser;
let portcullis;
let base;
before(async () => {
  [browser, portcullis] = await Promise.all([launch(), startPortcullis()]);
  base = portcullis.base;
});
after(async () => {
  await browser?.close();
  await portcullis?.stop();
});

const api = async (method, path, { token, key, body } = {}) => {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }), ...(key && { 'x-api-key': key }) };
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, json: await response.json().catch(() => undefined) };
};

// A client with a user of each role, made over the API: its slug is also the host of its addresses.
async function client(slug) {
  await api('POST', '/api/v1/admin/clients', { token: portcullis.token, body: { name: slug, slug } });
  for (const [name, role] of [['admin', 'CLIENT_ADMIN'], ['analyst', 'ANALYST'], ['viewer', 'VIEWER']]) {
    const body = { email: `${name}@${slug}.example`, password: PASSWORD, role };
    await api('POST', `/api/v1/admin/clients/${slug}/users`, { token: portcullis.token, body });
  }
  const body = { name: 'backend', dialect: 'ingest', mode: 'live' };
  const { json } = await api('POST', `/api/v1/admin/clients/${slug}/api-keys`, { token: portcullis.token, body });
  return json.key;
}

describe('from the first client to a revoked key', () => {
  let root;
  let admin;
  let shop;
  let key;
  after(async () => {
    await Promise.all([root?.close(), admin?.close(), shop?.stop()]);
  });

  it('a super admin creates a client and its admin', async () => {
    root = await logIn(browser, base, '/admin', portcullis.email, portcullis.password);
    const { page } = root;
    await page.getByRole('heading', { name: 'No clients yet' }).waitFor();
    await page.getByRole('button', { name: 'Create client' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Acme Inc.');
    await dialog.getByLabel('Slug').fill('acme');
    await dialog.getByLabel('E-mail address').fill('jane@acme.example');
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Create client' }).click();
    await page.getByRole('heading', { name: 'Acme Inc.', level: 1 }).waitFor();
    await page.getByRole('cell', { name: 'jane@acme.example', exact: true }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/admin/clients/acme');
  });

  it('the admin makes a key, which is shown once', async () => {
    admin = await logIn(browser, base, '/client-admin/api-keys', 'jane@acme.example', PASSWORD);
    const { page } = admin;
    await page.getByRole('button', { name: 'Create the first key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('shop backend');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    key = await page.getByTestId('new-key').textContent();
    assert.match(key, /^pi_live_[0-9a-f]{64}$/);
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await page.reload();
    await page.getByRole('cell', { name: 'shop backend', exact: true }).waitFor();
    assert.ok(!(await page.content()).includes(key));
  });

  it('an event of the sample shop appears in the feed by itself, and its reasons sum up', async () => {
    const { page } = admin;
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { name: 'No events yet' }).waitFor();
    shop = await startShop('node', { url: base, key });
    const { status } = await shop.post('/api/signup', { email: 'joe@mailinator.com', password: 'never-sent-9', fraudSignals });
    assert.equal(status, 200);
    await page.getByRole('row', { name: /joe@mailinator\.com/ }).getByRole('link').first().click();
    await page.locator('[data-step=DISPOSABLE_EMAIL]').waitFor();
    const { sum, score, steps } = await waterfall(page);
    assert.equal(sum, score);
    assert.ok(steps > 0 && score > 0);
  });

  it('a changed weight decides the next signup otherwise', async () => {
    const { page } = admin;
    await page.getByRole('link', { name: 'Rules', exact: true }).click();
    await page.getByRole('spinbutton', { name: 'Weight of Disposable email' }).fill('200');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved. The next event is judged by it.').waitFor();
    const { status } = await shop.post('/api/signup', { email: 'jim@mailinator.com', password: 'never-sent-9', fraudSignals });
    assert.equal(status, 403);
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    const row = page.getByRole('row', { name: /jim@mailinator\.com/ });
    await row.getByText('Block').waitFor();
    await row.getByRole('link').first().click();
    await page.getByText('+200').waitFor();
    const { sum, score } = await waterfall(page);
    assert.equal(sum, score);
  });

  it('a key is rotated, and the old one refused once it is revoked', async () => {
    const { page } = admin;
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByRole('button', { name: 'Rotate shop backend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const second = await page.getByTestId('new-key').textContent();
    const body = { type: 'SIGNUP', email: 'kim@example.com', externalUserId: 'kim', ip: '8.8.8.8' };
    for (const works of [key, second]) {
      assert.equal((await api('POST', '/api/v1/events/ingest', { key: works, body })).status, 200);
    }
    await page.getByRole('button', { name: /^Revoke pi_live_/ }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('the next call with it is refused').waitFor();
    assert.equal((await api('POST', '/api/v1/events/ingest', { key, body })).status, 401);
    assert.equal((await api('POST', '/api/v1/events/ingest', { key: second, body })).status, 200);
  });

  it('the audit log has all of it, and nothing went wrong on the way', async () => {
    const { page } = admin;
    await page.getByRole('link', { name: 'Audit log' }).click();
    for (const action of ['api_key.revoke', 'api_key.create']) await page.getByText(action).first().waitFor();
    assertClean(admin.faults);
    assertClean(root.faults);
  });

  it('a disabled user is out at the next click', async () => {
    const { page } = root;
    await page.getByRole('button', { name: 'Change jane@acme.example' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('has to log in again').waitFor();
    await admin.page.getByRole('link', { name: 'Lists' }).click();
    await admin.page.getByText('Your session has ended').waitFor();
  });
});

describe('who may do what', () => {
  let key;
  before(async () => (key = await client('roles')));

  it('a viewer sees everything and no way to change it, and the server refuses', async () => {
    const body = { type: 'SIGNUP', email: 'joe@mailinator.com', externalUserId: 'joe', ip: '8.8.8.8' };
    const { json } = await api('POST', '/api/v1/events/ingest', { key, body });
    const visit = await logIn(browser, base, '/client-admin', 'viewer@roles.example', PASSWORD);
    const { page } = visit;
    for (const [path, buttons] of [
      ['/client-admin/api-keys', /Create|Rotate|Revoke/],
      ['/client-admin/lists', /Add|Remove/],
      ['/client-admin/rules', /Save|Return|Reset/],
      ['/client-admin/custom-rules', /Write/],
      [`/client-admin/events/${json.eventId}`, /^(Block|Allow|Watch)$/],
    ]) {
      await goTo(page, base, path);
      assert.equal(await page.getByRole('button', { name: buttons }).count(), 0, path);
    }
    await goTo(page, base, '/client-admin/rules');
    assert.ok(await page.getByRole('spinbutton').first().isDisabled());
    assertClean(visit.faults);
    const status = await page.evaluate(async () => {
      const { csrfToken } = await (await fetch('/console/session')).json();
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken };
      const answer = await fetch('/api/v1/client/rules', { method: 'PUT', headers, body: '{}' });
      return answer.status;
    });
    assert.equal(status, 403);
    await visit.close();
  });

  it('an analyst works on lists, and on nothing else', async () => {
    const visit = await logIn(browser, base, '/client-admin/lists', 'analyst@roles.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('button', { name: 'Add entry' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Value').fill('203.0.113.7/24');
    await dialog.getByRole('button', { name: 'Add entry' }).click();
    await page.getByRole('cell', { name: '203.0.113.0/24', exact: true }).waitFor();
    await goTo(page, base, '/client-admin/api-keys');
    assert.equal(await page.getByRole('button', { name: 'Create key' }).count(), 0);
    assertClean(visit.faults);
    await visit.close();
  });

  it('neither console shows the other to whom it does not belong', async () => {
    const visit = await logIn(browser, base, '/admin/clients', 'admin@roles.example', PASSWORD);
    await visit.page.getByRole('heading', { name: 'This is the other console' }).waitFor();
    await visit.page.getByRole('link', { name: 'Go to your own console' }).click();
    await visit.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await visit.close();
  });

  it('a wrong password is told in words', async () => {
    const visit = await openPage(browser, base, '/client-admin');
    const { page } = visit;
    await page.getByLabel('E-mail address').fill('admin@roles.example');
    await page.getByLabel('Password', { exact: true }).fill('Wrong-Horse-1');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor();
    await visit.close();
  });
});

describe('by keyboard alone', () => {
  before(() => client('keys'));

  it('somebody logs in, makes a key, and comes back to where they were', async () => {
    const visit = await openPage(browser, base, '/client-admin/api-keys', { viewport: { width: 1360, height: 860 } });
    const { page } = visit;
    await page.getByLabel('E-mail address').waitFor();
    await page.keyboard.type('admin@keys.example');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    const create = page.getByRole('button', { name: 'Create key' });
    await create.waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo(page, create);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');
    await page.getByTestId('new-key').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'by keyboard', exact: true }).waitFor();
    assertClean(visit.faults);
    await visit.close();
  });

  it('Ctrl K leads to a screen, and to whom one looks for', async () => {
    const visit = await logIn(browser, base, '/client-admin', 'admin@keys.example', PASSWORD);
    const { page } = visit;
    await page.keyboard.press('Control+k');
    await page.keyboard.type('custom');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Custom rules', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('192.0.2.7');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'User 192.0.2.7', selected: true }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Address 192.0.2.7', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assertClean(visit.faults);
    await visit.close();
  });

  it('a condition is completed and corrected', async () => {
    const visit = await logIn(browser, base, '/client-admin/custom-rules/new', 'admin@keys.example', PASSWORD);
    const { page } = visit;
    const editor = page.getByRole('textbox', { name: 'Condition' });
    await editor.focus();
    await page.keyboard.type('ip.is_to');
    await page.getByRole('option', { name: /^ip\.is_tor/ }).waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await editor.inputValue(), 'ip.is_tor');
    await page.getByText('The condition can be used.').waitFor();
    await page.getByLabel('Name').fill('Tor');
    await page.getByRole('button', { name: 'Create rule' }).click();
    await page.getByRole('heading', { name: 'Tor', level: 1 }).waitFor();
    await editor.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(' AND ip.is_tro');
    await page.keyboard.press('Escape');
    await page.getByText('wrong at line 1, column 15: unknown variable ip.is_tro').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
    // What the server refused is no fault of the page.
    assertClean(visit.faults.filter((fault) => !fault.includes('400 (Bad Request)')));
    await visit.close();
  });
});

describe('the installation', () => {
  let root;
  let key;
  before(async () => {
    key = await client('defaults');
    root = await logIn(browser, base, '/admin/reputation', portcullis.email, portcullis.password);
  });
  after(() => root?.close());
  const signup = async (user, domain) => {
    const body = { type: 'SIGNUP', email: `${user}@${domain}`, externalUserId: user, ip: '8.8.8.8' };
    return api('POST', '/api/v1/events/ingest', { key, body });
  };
  const fired = ({ json }) => json.allChecks.filter((check) => check.status === 'FIRED').map((check) => check.code);

  it('adds to a reputation list, finds and removes what is on it', async () => {
    const { page } = root;
    assert.ok(!fired(await signup('u1', 'throw-away.example')).includes('DISPOSABLE_EMAIL'));
    await page.getByLabel('Add entries, one a line').fill('throw-away.example\n# a remark\nother.example');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('2 entries were added.').waitFor();
    assert.ok(fired(await signup('u2', 'throw-away.example')).includes('DISPOSABLE_EMAIL'));
    await page.getByLabel('Search Disposable mail domains').fill('throw-away.ex');
    await page.getByRole('button', { name: 'Remove throw-away.example' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No entry is like that').waitFor();
    assert.ok(!fired(await signup('u3', 'throw-away.example')).includes('DISPOSABLE_EMAIL'));
  });

  it('changes a weight for all clients that set none', async () => {
    const { page } = root;
    await page.getByRole('link', { name: 'Global rules' }).click();
    const weight = page.getByRole('spinbutton', { name: 'Weight of Disposable email' });
    await weight.fill('77');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved. The next event is judged by it.').waitFor();
    const visit = await logIn(browser, base, '/client-admin/rules', 'viewer@defaults.example', PASSWORD);
    assert.equal(await visit.page.getByRole('spinbutton', { name: 'Weight of Disposable email' }).inputValue(), '77');
    await visit.close();
  });

  it('suspends a client, whose key is refused then', async () => {
    const { page } = root;
    await page.getByRole('link', { name: 'Clients', exact: true }).click();
    await page.getByRole('link', { name: 'defaults', exact: true }).click();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('button', { name: 'Suspend client' }).click();
    await page.getByText('All keys and users of this client are refused.').waitFor();
    assert.equal((await signup('u4', 'example.com')).status, 403);
    await page.getByRole('button', { name: 'Serve again' }).click();
    await page.getByText('The client is served again.').waitFor();
    assert.equal((await signup('u5', 'example.com')).status, 200);
    assertClean(root.faults);
  });
});

describe('the review queue', () => {
  it('is cleared by keyboard, and a decision can be taken back', async () => {
    const key = await client('queue');
    const { token } = (await api('POST', '/v1/auth/login', { body: { email: 'admin@queue.example', password: PASSWORD } })).json;
    const rule = { name: 'Look at these', condition: 'email.is_disposable', action: 'review' };
    assert.equal((await api('POST', '/api/v1/client/custom-rules', { token, body: rule })).status, 201);
    for (const user of ['u1', 'u2', 'u3', 'u4']) {
      const body = { type: 'SIGNUP', email: `${user}@mailinator.com`, externalUserId: user, ip: '8.8.8.8' };
      assert.equal((await api('POST', '/api/v1/events/ingest', { key, body })).status, 200);
    }
    const visit = await logIn(browser, base, '/client-admin/reviews', 'analyst@queue.example', PASSWORD);
    const { page } = visit;
    const waiting = (count) => page.getByRole('heading', { name: `${count} waiting` }).waitFor();
    await waiting(4);
    await page.locator('.queue-list button').first().focus();
    await page.keyboard.press('a');
    await waiting(3);
    await page.keyboard.press('u');
    await waiting(4);
    await page.keyboard.press('j');
    for (const [press, left] of [['d', 3], ['a', 2], ['d', 1]]) {
      await page.keyboard.press(press);
      await waiting(left);
    }
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
    await page.getByRole('tab', { name: 'Rejected' }).click();
    await page.getByRole('heading', { name: '2 rejected' }).waitFor();
    await page.getByRole('tab', { name: 'Approved' }).click();
    await page.getByRole('heading', { name: '2 approved' }).waitFor();
    assertClean(visit.faults);
    await visit.close();
  });
});

// Presses Tab until that has the focus.
async function tabTo(page, target) {
  for (let presses = 0; presses < 40; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}

describe('whatever an event says', () => {
  it('is shown as text', async () => {
    const key = await client('texts');
    const html = (name) => `"><img src=x onerror="window.hit='${name}'"><script>window.hit='${name}'</script>`;
    const body = {
      type: 'SIGNUP',
      // No other field of an event is checked for what is in it.
      email: 'joe@example.com',
      externalUserId: html('user'),
      ip: '8.8.8.8',
      sessionId: html('session'),
      device: { webglVendor: html('vendor'), webglRenderer: html('renderer'), userAgent: html('agent'), timezone: html('zone'), language: html('lang'), platform: html('platform'), clientFingerprint: html('print') },
      behavior: { formStartedAt: 1, formSubmittedAt: 9_001, mousePath: [], keystrokeCount: 30 },
    };
    const answer = await api('POST', '/api/v1/events/ingest', { key, body });
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    const { token } = (await api('POST', '/v1/auth/login', { body: { email: 'admin@texts.example', password: PASSWORD } })).json;
    const list = { list: 'watch', kind: 'user', value: html('value'), reason: html('reason') };
    assert.equal((await api('POST', '/api/v1/client/lists', { token, body: list })).status, 201);
    const rule = { name: html('rule').slice(0, 100), description: html('about'), condition: `device.user_agent = '<script>'`, action: 'flag' };
    assert.equal((await api('POST', '/api/v1/client/custom-rules', { token, body: rule })).status, 201);

    const velocity = { name: html('velocity').slice(0, 100), description: html('velocity'), action: html('try').slice(0, 100), limit: 1, window: '1h', scope: 'user_id' };
    assert.equal((await api('POST', '/api/v1/client/velocity-rules', { token, body: velocity })).status, 201);
    const bearer = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const fraud = async (path, sent) => (await fetch(base + path, { method: 'POST', headers: bearer, body: JSON.stringify(sent) })).status;
    assert.equal(await fraud('/v1/fraud/signals', { type: 'chargeback', user_id: html('who'), description: html('words'), details: { [html('name')]: html('detail') } }), 201);
    assert.equal(await fraud('/v1/fraud/velocity/check', { action: velocity.action, user_id: html('someone'), device_id: html('some device') }), 200);
    const named = await api('POST', '/api/v1/client/api-keys', { token, body: { name: html('key').slice(0, 100), dialect: 'fraudsense', mode: 'live' } });
    const scored = await fetch(`${base}/v1/risk/score`, {
      method: 'POST',
      headers: { 'X-FraudSense-Key': named.json.key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ deviceId: html('phone'), sessionId: html('visit'), eventType: 'LOGIN', deviceProfile: { model: html('model'), os: html('os') } }),
    });
    assert.ok([200, 400].includes(scored.status), await scored.text());

    const visit = await logIn(browser, base, '/client-admin', 'admin@texts.example', PASSWORD);
    const { page } = visit;
    const event = `/client-admin/events/${answer.json.eventId}`;
    const user = `/client-admin/entities/user/${encodeURIComponent(body.externalUserId)}`;
    for (const path of ['/client-admin', '/client-admin/events', event, `${event}?tab=facts`, `${event}?tab=checks`, `${event}?tab=related`, `${event}?tab=raw`, user, '/client-admin/lists', '/client-admin/custom-rules', '/client-admin/velocity-rules', '/client-admin/signals', '/client-admin/reviews', '/client-admin/analytics', '/client-admin/api-keys', '/client-admin/usage', '/client-admin/audit']) {
      await goTo(page, base, path);
      assert.equal(await page.evaluate(() => window.hit), undefined, path);
      assert.equal(await page.locator('main img, main script').count(), 0, path);
    }
    await goTo(page, base, `${event}?tab=raw`);
    assert.ok((await page.locator('pre.json').textContent()).includes('<script>'));
    assertClean(visit.faults);
    await visit.close();
  });
});
