// What a client's people do all day: watch the feed, follow an e-mail address, write velocity rules, run a team.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { assertClean, goTo, logIn } from './support/console.mjs';
import { startPortcullis } from './support/portcullis.mjs';
import { launch, openPage } from './support/visitor.mjs';

const PASSWORD = 'Correct-Horse-8';

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

// A client with an admin and a viewer, and a key for live and for test data.
async function client(slug) {
  await api('POST', '/api/v1/admin/clients', { token: portcullis.token, body: { name: slug, slug } });
  for (const [name, role] of [['admin', 'CLIENT_ADMIN'], ['viewer', 'VIEWER']]) {
    const body = { email: `${name}@${slug}.example`, password: PASSWORD, role };
    await api('POST', `/api/v1/admin/clients/${slug}/users`, { token: portcullis.token, body });
  }
  const key = async (mode) => (await api('POST', `/api/v1/admin/clients/${slug}/api-keys`, { token: portcullis.token, body: { name: mode, dialect: 'ingest', mode } })).json.key;
  return { live: await key('live'), test: await key('test') };
}

async function signup(key, user, email = `${user}@example.com`, ip = '8.8.8.8') {
  const { status, json } = await api('POST', '/api/v1/events/ingest', { key, body: { type: 'SIGNUP', email, externalUserId: user, ip } });
  assert.equal(status, 200);
  return json;
}

describe('the live feed', () => {
  let keys;
  before(async () => (keys = await client('feed')));

  it('shows events as they come, over one stream and without asking again', async () => {
    await signup(keys.live, 'first');
    const visit = await logIn(browser, base, '/client-admin/events', 'viewer@feed.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.getByRole('row', { name: /first@/ }).waitFor();
    const lists = () => visit.requests.filter((path) => path.startsWith('/api/v1/client/events?')).length;
    const before = lists();
    for (const user of ['second', 'third']) await signup(keys.live, user);
    await page.getByRole('row', { name: /third@/ }).waitFor();
    const rows = await page.locator('tbody tr').allTextContents();
    assert.deepEqual(['third', 'second', 'first'].map((user) => rows.findIndex((row) => row.includes(`${user}@`))), [0, 1, 2]);
    assert.equal(lists(), before);
    // The stream asks for what the filters ask for.
    await page.getByLabel('User id').fill('fifth');
    await page.getByRole('heading', { name: 'No event is like that' }).waitFor();
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    for (const user of ['fourth', 'fifth']) await signup(keys.live, user);
    await page.getByRole('row', { name: /fifth@/ }).waitFor();
    assert.equal(await page.getByRole('row', { name: /fourth@/ }).count(), 0);
    assertClean(visit.faults);
    await visit.close();
  });

  it('holds still while it is paused, and goes on', async () => {
    const visit = await logIn(browser, base, '/client-admin/events', 'viewer@feed.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('status').getByText('Paused').waitFor();
    await signup(keys.live, 'waits');
    const show = page.getByRole('button', { name: 'Show 1 new' });
    await show.waitFor();
    assert.equal(await page.getByRole('row', { name: /waits@/ }).count(), 0);
    await show.click();
    await page.getByRole('row', { name: /waits@/ }).waitFor();
    assertClean(visit.faults);
    await visit.close();
  });

  it('asks again and again where there is no stream', async () => {
    const visit = await logIn(browser, base, '/client-admin', 'viewer@feed.example', PASSWORD);
    const { page } = visit;
    await page.route('**/events/stream?*', (route) => route.fulfill({ status: 429, body: '{}' }));
    await goTo(page, base, '/client-admin/events');
    await page.getByRole('status').getByText('Every 3 seconds').waitFor();
    await signup(keys.live, 'polled');
    await page.getByRole('row', { name: /polled@/ }).waitFor();
    assertClean(visit.faults.filter((fault) => !fault.includes('429')));
    await visit.close();
  });

  it('keeps up with a burst', async () => {
    const visit = await logIn(browser, base, '/client-admin/events', 'viewer@feed.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.evaluate(() => {
      window.longest = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.longest = Math.max(window.longest, entry.duration)))).observe({ type: 'longtask' });
    });
    await Promise.all(Array.from({ length: 150 }, (_, index) => signup(keys.live, `burst-${index}`)));
    await signup(keys.live, 'after-all');
    await page.getByRole('row', { name: /after-all@/ }).waitFor();
    assert.ok((await page.locator('tbody tr').count()) > 150);
    console.log(`the longest task took ${await page.evaluate(() => window.longest)} ms`);
    assertClean(visit.faults);
    await visit.close();
  });
});

describe('an e-mail address', () => {
  it('has a page with its history, its other spellings, and whom it is linked with', async () => {
    const { live } = await client('mail');
    await signup(live, 'u1', 'jane.doe@gmail.com', '8.8.8.8');
    const { eventId } = await signup(live, 'u2', 'janedoe+shop@gmail.com', '8.8.4.4');
    await signup(live, 'u3', 'other@example.com', '8.8.4.4');
    const visit = await logIn(browser, base, `/client-admin/events/${eventId}`, 'viewer@mail.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('link', { name: 'janedoe+shop@gmail.com' }).click();
    await page.getByRole('heading', { name: 'E-mail janedoe+shop@gmail.com', level: 1 }).waitFor();
    await page.getByText('Other spellings').waitFor();
    const shared = page.getByRole('region', { name: 'Shared with' });
    for (const [kind, value] of [['User', 'u1'], ['User', 'u2'], ['E-mail', 'jane.doe@gmail.com'], ['Address', '8.8.8.8'], ['Address', '8.8.4.4']]) {
      await shared.getByRole('row', { name: `${kind} ${value} 1` }).waitFor();
    }
    assert.equal(await shared.getByRole('row', { name: /u3|other@/ }).count(), 0);
    const graph = page.getByRole('group', { name: '5 entities share events with this one' });
    await graph.getByRole('link', { name: 'Address 8.8.4.4' }).click();
    await page.getByRole('heading', { name: 'Address 8.8.4.4', level: 1 }).waitFor();
    // By what is typed, and by the filter of the feed.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('janedoe@gmail.com');
    await page.getByRole('option', { name: 'E-mail janedoe@gmail.com', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'E-mail janedoe@gmail.com', level: 1 }).waitFor();
    await goTo(page, base, '/client-admin/events?email=jane.doe%40gmail.com');
    await page.getByRole('row', { name: /janedoe\+shop@/ }).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 2);
    assertClean(visit.faults);
    await visit.close();
  });
});

describe('live and test data', () => {
  it('are told apart on the overview, and stay apart on the way', async () => {
    const { live, test } = await client('modes');
    for (const user of ['t1', 't2', 't3']) await signup(test, user, `${user}@mailinator.com`);
    const visit = await logIn(browser, base, '/client-admin', 'viewer@modes.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('heading', { name: 'Three steps to the first decision' }).waitFor();
    await page.getByLabel('Data').selectOption('Test');
    await page.getByText('Time to decide').waitFor();
    assert.equal(new URL(page.url()).search, '?mode=test');
    const stat = (name) => page.locator('.stat').filter({ hasText: name });
    assert.match(await stat('Events').textContent(), /^Events3/);
    assert.match(await stat('Time to decide').textContent(), /[\d.]+ ms.*p50; p95 [\d.]+ ms, p99 [\d.]+ ms/);
    await page.getByRole('row', { name: /DISPOSABLE_EMAIL 3/ }).waitFor();
    await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('row', { name: /t3@/ }).waitFor();
    await page.getByRole('row', { name: /t3@/ }).getByRole('link').first().click();
    await page.getByRole('link', { name: 't3@mailinator.com' }).click();
    await page.getByRole('heading', { name: 'E-mail t3@mailinator.com' }).waitFor();
    await page.getByText('Scores over time').waitFor();
    await goTo(page, base, '/client-admin?mode=test&period=7d');
    await page.getByLabel('Data').selectOption('Live');
    await page.getByRole('heading', { name: 'Three steps to the first decision' }).waitFor();
    await signup(live, 'l1');
    await page.reload();
    await page.getByText('Time to decide').waitFor();
    assert.match(await stat('Events').textContent(), /^Events1/);
    assertClean(visit.faults);
    await visit.close();
  });

  it('what was not measured is called unknown', async () => {
    const { live } = await client('unknown');
    await signup(live, 'u1');
    const visit = await logIn(browser, base, '/client-admin/team', 'viewer@unknown.example', PASSWORD);
    const { page } = visit;
    await page.route('**/api/v1/client/figures*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), latency: null } });
    });
    await goTo(page, base, '/client-admin');
    await page.locator('.stat').filter({ hasText: 'Time to decide' }).getByText('unknown').waitFor();
    await visit.close();
  });

  it('rules tell how often they fired among all events, not only the newest', async () => {
    const { live } = await client('hits');
    for (let index = 0; index < 220; index += 1) await signup(live, `u${index}`, `u${index}@${index % 2 ? 'example.com' : 'mailinator.com'}`);
    const visit = await logIn(browser, base, '/client-admin/rules', 'viewer@hits.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('columnheader', { name: 'Fired, of 220' }).waitFor();
    const row = page.getByRole('row').filter({ has: page.getByText('DISPOSABLE_EMAIL', { exact: true }) });
    assert.match(await row.textContent(), /110/);
    await visit.close();
  });
});

describe('velocity rules', () => {
  it('are written, in force, changed and deleted by clicking', async () => {
    await client('speed');
    const visit = await logIn(browser, base, '/client-admin/velocity-rules', 'admin@speed.example', PASSWORD);
    const { page } = visit;
    await page.getByRole('heading', { name: 'No velocity rules yet' }).waitFor();
    await page.getByRole('button', { name: 'Write a rule' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Log-ins');
    await dialog.getByLabel('What is attempted').fill('login');
    await dialog.getByLabel('At most').fill('1');
    await dialog.getByLabel('Within').fill('a while');
    await dialog.getByRole('button', { name: 'Create rule' }).click();
    await dialog.getByText('This must be a duration such as 30s').waitFor();
    await dialog.getByLabel('Within').fill('1h');
    await dialog.getByLabel('Mode').selectOption('Live');
    await dialog.getByRole('button', { name: 'Create rule' }).click();
    await page.getByRole('row', { name: /Log-ins login 1 in 1h by one user Block Live/ }).waitFor();
    const { token } = (await api('POST', '/v1/auth/login', { body: { email: 'admin@speed.example', password: PASSWORD } })).json;
    const { key } = (await api('POST', '/api/v1/client/api-keys', { token, body: { name: 'shield', dialect: 'fraudshield', mode: 'live' } })).json;
    const attempt = async () => (await api('POST', '/v1/fraud/velocity/check', { token: key, body: { action: 'login', user_id: 'u1' } })).json.allowed;
    assert.deepEqual([await attempt(), await attempt()], [true, false]);
    await page.getByRole('button', { name: 'Change Log-ins' }).click();
    await dialog.getByLabel('At most').fill('5');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /5 in 1h/ }).waitFor();
    assert.equal(await attempt(), true);
    await page.reload();
    // Exceeded once.
    await page.getByRole('row', { name: /5 in 1h by one user Block Live 1 Change/ }).waitFor();
    await page.getByRole('button', { name: 'Change Log-ins' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete rule' }).click();
    await page.getByRole('heading', { name: 'No velocity rules yet' }).waitFor();
    assertClean(visit.faults.filter((fault) => !fault.includes('400 (Bad Request)')));
    await visit.close();
  });
});

describe('the team', () => {
  it('is added to, changed, suspended and removed by its own admin', async () => {
    await client('crew');
    const visit = await logIn(browser, base, '/client-admin/team', 'admin@crew.example', PASSWORD);
    const { page } = visit;
    const dialog = page.getByRole('dialog');
    const row = (text) => page.getByRole('row', { name: text });
    await page.getByRole('button', { name: 'Add user' }).click();
    await dialog.getByLabel('E-mail address').fill('new@crew.example');
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByLabel('Role').selectOption('ANALYST');
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await row(/new@crew\.example Analyst Active/).waitFor();
    const colleague = await logIn(browser, base, '/client-admin/team', 'new@crew.example', PASSWORD);
    assert.equal(await colleague.page.getByRole('button', { name: /Add|Change/ }).count(), 0);
    await colleague.close();
    const change = page.getByRole('button', { name: 'Change new@crew.example' });
    await change.click();
    await dialog.getByLabel('Role').selectOption('VIEWER');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row(/new@crew\.example Viewer Active/).waitFor();
    await change.click();
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await row(/new@crew\.example Viewer Suspended/).waitFor();
    assert.equal((await api('POST', '/v1/auth/login', { body: { email: 'new@crew.example', password: PASSWORD } })).status, 401);
    await change.click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove user' }).click();
    await row(/new@crew\.example/).waitFor({ state: 'detached' });
    // Nobody locks themselves out by a click.
    await page.getByRole('button', { name: 'Change admin@crew.example' }).click();
    assert.ok(await dialog.getByLabel('Role').isDisabled());
    assert.equal(await dialog.getByRole('button', { name: /Suspend|Remove/ }).count(), 0);
    assertClean(visit.faults);
    await visit.close();
  });
});

describe('an account of one’s own', () => {
  it('is made by a form, which gives a key that works at once', async () => {
    const visit = await openPage(browser, base, '/client-admin', { viewport: { width: 1360, height: 860 } });
    const { page } = visit;
    await page.getByRole('link', { name: 'Get a free API key' }).click();
    await page.getByLabel('Company').fill('Umbrella Ltd.');
    await page.getByLabel('E-mail address').fill('jo@umbrella.example');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Get the key' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Get the key' }).click();
    const key = await page.getByTestId('first-key').locator('pre').textContent();
    assert.match(key, /^fs_test_[0-9a-f]{32}$/);
    const scored = await fetch(`${base}/v1/risk/score`, {
      method: 'POST',
      headers: { 'X-FraudSense-Key': key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ deviceId: 'fs_a3f9b2c1d4e5', sessionId: 'sess_1', eventType: 'LOGIN' }),
    });
    assert.equal(scored.status, 200);
    await page.getByRole('button', { name: 'I have it, go to my console' }).click();
    await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
    assert.ok(!(await page.content()).includes(key));
    await goTo(page, base, '/client-admin?mode=test');
    await page.getByText('Time to decide').waitFor();
    assertClean(visit.faults.filter((fault) => !fault.includes('400 (Bad Request)')));
    await visit.close();
  });
});
