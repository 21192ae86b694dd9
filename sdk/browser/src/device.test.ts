import assert from 'node:assert/strict';
import { it } from 'node:test';

import { describeDevice } from './device.ts';
import { fakePage } from './fake.ts';

it('has the fields of the ingest API, and no field without a value', () => {
  const device = describeDevice(fakePage().page, {});
  const { clientFingerprint, ...rest } = device;
  assert.match(clientFingerprint ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(rest, {
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    screen: { width: 1920, height: 1080, pixelRatio: 1.5 },
    timezone: 'Europe/London',
    language: 'en-GB',
    hardwareConcurrency: 8,
    deviceMemory: 16,
    platform: 'Linux x86_64',
  });
});

it('leaves the id to the page that brings its own', () => {
  assert.ok(!('clientFingerprint' in describeDevice(fakePage().page, 'none')));
});

it('tells what it can when sources fail, and says which failed', () => {
  const errors: unknown[] = [];
  const broken = { get screen(): never { throw new Error('no screen'); } };
  const page = new Proxy(fakePage().page, { get: (target, name) => (name === 'screen' ? broken.screen : Reflect.get(target, name)) });
  const device = describeDevice(page, {}, (error) => errors.push(error));
  assert.equal(device.language, 'en-GB');
  assert.ok(!('screen' in device));
  assert.ok(errors.every((error) => (error as Error).message === 'no screen') && errors.length > 0);
});
