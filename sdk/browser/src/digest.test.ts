import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';

import { digest, sha256 } from './digest.ts';

it('gives the published values', () => {
  assert.equal(sha256(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('agrees with another implementation at every length around the blocks, and beyond ASCII', () => {
  const expected = (text: string) => createHash('sha256').update(text).digest('hex');
  for (let length = 0; length < 260; length++) {
    const text = 'x'.repeat(length);
    assert.equal(sha256(text), expected(text), `${length}`);
  }
  for (const text of ['größer, 東京, 🫖', 'data:image/png;base64,'.repeat(3_000)]) assert.equal(sha256(text), expected(text));
});

it('is shortened to 128 bits', () => assert.equal(digest('abc'), 'ba7816bf8f01cfea414140de5dae2223'));
