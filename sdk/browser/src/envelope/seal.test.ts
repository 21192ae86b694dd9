import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { it } from 'node:test';

import type { Page } from '../page.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { open } from './open.ts';
import { seal } from './seal.ts';

const page = { crypto: webcrypto } as unknown as Page;

// Made with another implementation of the same format; its keys protect nothing.
const VECTOR = {
  privateKey:
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0YS/jX0IN7ok5vwaA0U3zCpDS8TXJY3iC2P2XKjep8uhRANCAAQXU66sw1WOlvGRMlTxWK8Rs25Oa7ZQJIqXNlo0qqSKbYsvUCffs7zetSv4uqqcFssmSOCdetArjUvXlTqFEvwg',
  envelope: {
    clientEncryptionKey:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEt2QJU/EJ5rnKj9y7X+L35v+M34lAmxV5w8a/zGBlDu8vZ99K7dFatBsnjJjSQ1wfi+FhoI7RIF7QGl40XqzeEw==',
    ciphertext:
      'VjxwhnWpPctcQkJsbVXoBNpM5xYtwHRIv8FGQi6ZoJapNpA6cIc2163jGyDGmpUTXQoITuuBSDJ27dDlsVkM5cN9gK7bi59ESb5oBlSoHGEUsVfEx+20mp7Q4b2lUjIXDWSDYWTVq+tlNgBl73vmTszDqpu2F4VetKfiTSLLHTs=',
    salt: 'UmHM4mBgi9YgIWtpTTa5og==',
    iv: 'gFaWt0zmCUUdgYKko+ixYw==',
  },
  text: '{"deviceHash":"de91eb974773aa4937bd9b54d375ecf9","cryptoCookie":"test","timestamp":"17000000000001700000000000"}',
};

it('is tested by what opens an envelope of another implementation', async () => {
  assert.equal(await open(btoa(JSON.stringify(VECTOR.envelope)), VECTOR.privateKey), VECTOR.text);
});

it('can be opened with the private key and with no other', async () => {
  const pair = async () => {
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const exported = async (format: 'spki' | 'pkcs8', key: webcrypto.CryptoKey) =>
      toBase64(await webcrypto.subtle.exportKey(format, key));
    return { open: await exported('spki', keys.publicKey), secret: await exported('pkcs8', keys.privateKey) };
  };
  const [ours, others] = [await pair(), await pair()];
  const sealed = await seal('größer 🫖', ours.open, page);
  assert.equal(await open(sealed, ours.secret), 'größer 🫖');
  await assert.rejects(open(sealed, others.secret));
});

it('has the fields in the documented order, with a new key, salt and nonce each time', async () => {
  const publicKey = VECTOR.envelope.clientEncryptionKey;
  const [one, other] = await Promise.all([seal('x', publicKey, page), seal('x', publicKey, page)]);
  assert.match(atob(one), /^\{"clientEncry/);
  assert.match(atob(one), /=="\}$/);
  const [first, second] = [one, other].map((text) => JSON.parse(atob(text)) as Record<string, string>);
  assert.deepEqual(Object.keys(first ?? {}), ['clientEncryptionKey', 'ciphertext', 'salt', 'iv']);
  for (const field of Object.keys(first ?? {})) assert.notEqual(first?.[field], second?.[field], field);
  assert.deepEqual([fromBase64(first?.['salt'] ?? '').length, fromBase64(first?.['iv'] ?? '').length], [16, 16]);
  assert.equal(fromBase64(first?.['clientEncryptionKey'] ?? '').length, 91);
});

it('refuses what is no key', async () => {
  await assert.rejects(seal('x', 'bm8ga2V5', page));
});
