import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fromBase64, toBase64 } from './base64.ts';

it('goes there and back for every byte', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
  assert.equal(toBase64(bytes.slice(0, 16)).slice(-2), '==');
});
