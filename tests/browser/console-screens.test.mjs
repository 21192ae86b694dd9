// Every screen of both consoles, empty and with data, in light and dark: axe finds nothing, and nothing goes wrong.
// UPDATE_DOCS=1 keeps pictures of them in docs/console/.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { assertClean, axe, goTo, logIn } from './support/console.mjs';
import { fill } from './support/plausible.mjs';
import { startPortcullis } from './support/portcullis.mjs';
import { launch, openPage } from './support/visitor.mjs';

const PICTURES = process.env.UPDATE_DOCS && fileURLToPath(new URL('../../docs/console/', import.meta.url));
const PASSWORD = 'Correct-Horse-8';

let browser;
let portcullis;
let base;
let shown;
before(async () => {
  [browser, portcullis] = await Promise.all([launch(), startPortcullis()]);
  base = portcullis.base;
  shown = await fill(portcullis, PASSWORD);
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
});
after(async () => {
  await browser?.close();
  await portcullis?.stop();
});

const CLIENT = [
  ['overview', () => '/client-admin'],
  ['overview-test', () => '/client-admin?mode=test&period=30d'],
  ['events', () => '/client-admin/events'],
  ['event', () => `/client-admin/events/${shown.event}`],
  ['event-checks', () => `/client-admin/events/${shown.event}?tab=checks`],
  ['event-facts', () => `/client-admin/events/${shown.event}?tab=facts`],
  ['event-related', () => `/client-admin/events/${shown.event}?tab=related`],
  ['event-json', () => `/client-admin/events/${shown.event}?tab=raw`],
  ['entity', () => `/client-admin/entities/ip/${shown.ip}`],
  ['entity-email', () => `/client-admin/entities/email/${encodeURIComponent(shown.email)}`],
  ['reviews', () => '/client-admin/reviews'],
  ['reviews-done', () => '/client-admin/reviews?status=rejected'],
  ['signals', () => '/client-admin/signals'],
  ['analytics', () => '/client-admin/analytics'],
  ['trust-model', () => '/client-admin/trust-model'],
  ['webhooks', () => '/client-admin/webhooks'],
  ['webhook', () => `/client-admin/webhooks/${shown.webhook}`],
  ['rules', () => '/client-admin/rules'],
  ['custom-rules', () => '/client-admin/custom-rules'],
  ['custom-rule', () => `/client-admin/custom-rules/${shown.rule}`],
  ['velocity-rules', () => '/client-admin/velocity-rules'],
  ['lists', () => '/client-admin/lists'],
  ['api-keys', () => '/client-admin/api-keys'],
  ['usage', () => '/client-admin/usage'],
  ['team', () => '/client-admin/team'],
  ['audit', () => '/client-admin/audit'],
];

const ADMIN = [
  ['clients', () => '/admin/clients'],
  ['client', () => '/admin/clients/acme'],
  ['client-keys', () => '/admin/clients/acme?tab=keys'],
  ['client-settings', () => '/admin/clients/acme?tab=settings'],
  ['global-rules', () => '/admin/global-rules'],
  ['reputation', () => '/admin/reputation'],
  ['reputation-asns', () => '/admin/reputation/high-risk-asns'],
  ['admin-audit', () => '/admin/audit'],
  ['health', () => '/admin/health'],
];

/** Of what is mostly left out of the pictures. */
const PICTURED = ['empty-overview', 'event-related'];

/** Opens a window of each kind, for axe to look at too. */
const WINDOWS = [
  ['new-key', '/client-admin/api-keys', 'Create key'],
  ['new-entry', '/client-admin/lists', 'Add entry'],
  ['new-velocity-rule', '/client-admin/velocity-rules', 'Write a rule'],
  ['new-colleague', '/client-admin/team', 'Add user'],
  ['go-to', '/client-admin/team', /^Go to/],
];

for (const colorScheme of ['light', 'dark']) {
  describe(colorScheme, () => {
    it('the log-in', async () => {
      const visit = await openPage(browser, base, '/client-admin', { viewport: { width: 1360, height: 860 }, colorScheme });
      await visit.page.getByRole('button', { name: 'Log in' }).waitFor();
      assert.deepEqual(await check(visit.page, 'log-in'), []);
      assertClean(visit.faults);
      await visit.close();
    });

    it('making an account', async () => {
      const visit = await openPage(browser, base, '/client-admin/register', { viewport: { width: 1360, height: 860 }, colorScheme });
      await visit.page.getByRole('button', { name: 'Get the key' }).waitFor();
      assert.deepEqual(await check(visit.page, 'register'), []);
      assertClean(visit.faults);
      await visit.close();
    });

    it('a client’s screens', () => look(CLIENT, () => ['/client-admin', 'admin@acme.example', PASSWORD]));
    it('a client’s screens without any data', () => look(CLIENT.filter(([name]) => !/^event-|^event$|entity|custom-rule$|webhook$|overview-test/.test(name)), () => ['/client-admin', 'admin@empty.example', PASSWORD], 'empty'));
    it('the installation’s screens', () => look(ADMIN, () => ['/admin', portcullis.email, portcullis.password]));

    it('windows over a screen', async () => {
      const visit = await logIn(browser, base, '/client-admin', 'admin@acme.example', PASSWORD, { colorScheme });
      for (const [name, path, button] of WINDOWS) {
        await goTo(visit.page, base, path);
        await visit.page.getByRole('button', { name: button }).click();
        await visit.page.getByRole('dialog').waitFor();
        assert.deepEqual(await check(visit.page, name), []);
      }
      assertClean(visit.faults);
      await visit.close();
    });

    async function look(screens, who, kind = '') {
      const visit = await logIn(browser, base, ...who(), { colorScheme });
      const found = [];
      for (const [name, path] of screens) {
        await goTo(visit.page, base, path());
        found.push(...(await check(visit.page, kind ? `${kind}-${name}` : name)));
      }
      assert.deepEqual(found, []);
      assertClean(visit.faults);
      await visit.close();
    }

    // What is wrong with the screen, as lines.
    async function check(page, name) {
      const found = (await axe(page)).map((line) => `${name}: ${line}`);
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (isWide) found.push(`${name} is wider than the window`);
      const isPicture = PICTURES && (colorScheme === 'light' ? !/^(empty|event)-|^(reviews-done|reputation-asns|new-entry|new-colleague|go-to|client-settings|overview-test)$/.test(name) || PICTURED.includes(name) : name === 'event');
      if (isPicture) await page.screenshot({ path: `${PICTURES}${name}${colorScheme === 'dark' ? '-dark' : ''}.png` });
      return found;
    }
  });
}

describe('in a narrow window', () => {
  it('a client’s screens fit, with a menu', async () => {
    const visit = await logIn(browser, base, '/client-admin', 'viewer@acme.example', PASSWORD, { viewport: { width: 1360, height: 860 } });
    const { page } = visit;
    await page.setViewportSize({ width: 320, height: 640 });
    for (const [name, path] of CLIENT) {
      await goTo(page, base, path());
      const { scrollWidth, innerWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth, innerWidth }));
      assert.ok(scrollWidth <= innerWidth, `${name} is ${scrollWidth} wide`);
    }
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Team' }).click();
    await page.getByRole('heading', { name: 'Team', level: 1 }).waitFor();
    assert.deepEqual(await axe(page), []);
    assertClean(visit.faults);
    await visit.close();
  });
});

describe('by keyboard alone', () => {
  // Presses Tab until it comes round; gives the controls that were not reached, or did not show that they were.
  async function unreached(page) {
    const all = await page.evaluate(() => {
      const isUsable = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0;
      window.left = new Set([...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex]')].filter(isUsable));
      // Of a group of radio buttons Tab reaches one, and the arrow keys the others.
      for (const radio of [...window.left].filter((each) => each.type === 'radio' && !each.checked)) window.left.delete(radio);
      return window.left.size;
    });
    const unseen = [];
    // A field for a time takes several, one for each part.
    for (let presses = 0; presses < 2 * all + 20; presses += 1) {
      await page.keyboard.press('Tab');
      const found = await page.evaluate(() => {
        const now = document.activeElement;
        window.left.delete(now);
        const name = now.getAttribute('aria-label') ?? now.textContent.trim().slice(0, 30) ?? now.tagName;
        const { top, bottom } = now.getBoundingClientRect();
        // The ring may be around the editor that a field is part of; the parts of a time show theirs by themselves.
        const hasRing = (element) => getComputedStyle(element).outlineStyle !== 'none';
        const isShown = hasRing(now) || hasRing(now.parentElement ?? now) || now.type === 'datetime-local';
        return { name, isShown, isInView: now === document.body || (bottom > 0 && top < innerHeight), isBody: now === document.body, left: window.left.size };
      });
      if (!found.isBody && (!found.isShown || !found.isInView)) unseen.push(`${found.name} is focused and ${found.isShown ? 'out of view' : 'does not show it'}`);
      if (found.left === 0) break;
    }
    const left = await page.evaluate(() => [...window.left].map((element) => `${element.outerHTML.slice(0, 80)} is not reached`));
    return [...new Set([...unseen, ...left])];
  }

  for (const [kind, screens, who] of [
    ['a client’s', CLIENT, () => ['/client-admin', 'admin@acme.example', PASSWORD]],
    ['the installation’s', ADMIN, () => ['/admin', portcullis.email, portcullis.password]],
  ]) {
    it(`everything on ${kind} screens is reached, and seen to be`, async () => {
      const visit = await logIn(browser, base, ...who());
      const found = [];
      for (const [name, path] of screens) {
        await goTo(visit.page, base, path());
        found.push(...(await unreached(visit.page)).map((line) => `${name}: ${line}`));
      }
      assert.deepEqual(found, []);
      assertClean(visit.faults);
      await visit.close();
    });
  }
});

describe('the first load', () => {
  it('is small: at most 120 kB of scripts and 10 kB of styles, compressed', async () => {
    const page = await (await fetch(`${base}/client-admin`)).text();
    const size = async (pattern) => {
      const paths = [...page.matchAll(pattern)].map((match) => match[1]);
      assert.ok(paths.length > 0);
      // fetch would unpack them, and keep the header that says how long they were.
      const lengths = paths.map(async (path) => Number((await fetch(base + path, { headers: { 'Accept-Encoding': 'gzip' } })).headers.get('content-length')));
      return (await Promise.all(lengths)).reduce((sum, each) => sum + each);
    };
    assert.ok((await size(/(?:src|href)="(\/console\/assets\/[^"]+\.js)"/g)) < 120_000);
    assert.ok((await size(/href="(\/console\/assets\/[^"]+\.css)"/g)) < 10_000);
  });
});
