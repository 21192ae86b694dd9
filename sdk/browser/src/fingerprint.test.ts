import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FakeElement, fakePage } from './fake.ts';
import { describeFingerprint } from './fingerprint.ts';

it('has the fields of the fraudshield API', () => {
  const nothing = () => {};
  const flat = { fillRect: nothing, fillText: nothing, beginPath: nothing, arc: nothing, fill: nothing };
  const gl = { getExtension: () => null, getParameter: () => 1, getSupportedExtensions: () => [] };
  const getContext = (kind: string) => ({ '2d': flat, webgl: gl })[kind] ?? null;
  const document = { createElement: () => Object.assign(new FakeElement(), { getContext, toDataURL: () => 'data:image/png;base64,AA==' }) };
  const { canvas_hash, webgl_hash, ...rest } = describeFingerprint(fakePage({ document }).page);
  assert.deepEqual(rest, {
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64)',
    screen_resolution: '1920x1080',
    timezone: 'Europe/London',
    language: 'en-GB',
    platform: 'Linux x86_64',
  });
  assert.match(`${canvas_hash} ${webgl_hash}`, /^[0-9a-f]{32} [0-9a-f]{32}$/);
});

it('leaves out the hashes of what can not be drawn', () => {
  const fields = Object.keys(describeFingerprint(fakePage().page));
  assert.deepEqual(fields, ['user_agent', 'screen_resolution', 'timezone', 'language', 'platform']);
});
