import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from './fake.ts';
import { derivedId, identify } from './identity.ts';

const idOf = (more?: Record<string, unknown>) => derivedId(fakePage(more).page, { abilities: 'a' });

it('is the same on each visit', () => {
  assert.match(idOf(), /^[0-9a-f]{32}$/);
  assert.equal(idOf(), idOf());
});

it('stays when the screen is turned, the page is zoomed, or the traveler is elsewhere', () => {
  const turned = { screen: { width: 1080, height: 1920, colorDepth: 24 }, devicePixelRatio: 3 };
  const elsewhere = { Intl: { DateTimeFormat: () => ({ resolvedOptions: () => ({ timeZone: 'Asia/Tokyo' }) }) } };
  assert.equal(idOf({ ...turned, ...elsewhere }), idOf());
});

it('differs between devices that show different things', () => {
  const { navigator } = fakePage().page;
  const others = [
    idOf(),
    idOf({ navigator: { ...navigator, hardwareConcurrency: 4 } }),
    idOf({ navigator: { ...navigator, platform: 'Win32' } }),
    idOf({ screen: { width: 1366, height: 768, colorDepth: 24 } }),
    derivedId(fakePage().page, { abilities: 'b' }),
    derivedId(fakePage().page, undefined),
  ];
  assert.equal(new Set(others).size, others.length);
});

it('touches no storage unless it is asked to remember', () => {
  const { page, touched } = fakePage();
  identify(page, undefined, {});
  for (const store of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) assert.ok(!touched.includes(store));
});

it('is the remembered one when it is asked to', () => {
  const { page } = fakePage();
  const id = identify(page, undefined, { remember: true });
  assert.notEqual(id, derivedId(page, undefined));
  assert.equal(identify(page, undefined, { remember: true }), id);
});

it('is computed where nothing can be stored', () => {
  const { page } = fakePage({ localStorage: undefined });
  const errors: unknown[] = [];
  assert.equal(identify(page, undefined, { remember: true }, (error) => errors.push(error)), derivedId(page, undefined));
  assert.equal(errors.length, 1);
});
