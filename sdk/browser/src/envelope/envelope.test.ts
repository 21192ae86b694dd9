import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { before, it } from 'node:test';

import { fakePage, START_MS } from '../fake.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { type EnvelopeOptions, sealDevice } from './envelope.ts';
import { open } from './open.ts';

let publicKey: string;
let privateKey: string;
before(async () => {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  publicKey = toBase64(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  privateKey = toBase64(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
});

async function sealedAndOpened(more: Partial<EnvelopeOptions> = {}, fields: Record<string, unknown> = {}) {
  const options = { consent: true, publicKey, serviceEncryptionKey: 'service', eventType: 'signup', ...more };
  const sealed = await sealDevice(options, fakePage(fields).page);
  return JSON.parse(await open(sealed ?? '', privateKey)) as Record<string, never>;
}

it('says what the keyri API reads', async () => {
  const plain = await sealedAndOpened({ userId: 'u1', apiKey: 'k1' });
  const { deviceHash, deviceParams, timestampSignature, clientSigningKey, ...rest } = plain;
  assert.deepEqual(rest, {
    apiKey: 'k1',
    eventType: 'signup',
    eventResult: 'success',
    signals: [],
    userId: 'u1',
    timestamp: `${START_MS}${START_MS}`,
    serviceEncryptionKey: 'service',
  });
  assert.match(deviceHash, /^[0-9a-f]{32}$/);
  assert.deepEqual(deviceParams, {
    timezone: 'Europe/London',
    platform: 'Linux x86_64',
    deviceMemory: '16',
    maxTouchPoints: '0',
    hardwareConcurrency: '8',
    screenColorDepth: '24',
    screenResolution: '1920x1080',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    languages: 'en-GB,de',
  });
});

it('signs the timestamp with the key that it names', async () => {
  const { timestamp, timestampSignature, clientSigningKey } = await sealedAndOpened();
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await webcrypto.subtle.importKey('spki', fromBase64(clientSigningKey), curve, false, ['verify']);
  const signature = fromBase64(timestampSignature);
  const verified = (text: string) =>
    webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, new TextEncoder().encode(text));
  assert.equal(signature.length, 64);
  assert.equal(await verified(timestamp), true);
  assert.equal(await verified(`${timestamp}0`), false);
});

it('names no key of the browser unless one is kept', async () => {
  assert.ok(!('cryptoCookie' in (await sealedAndOpened())));
  // Where nothing can be stored, it is as if nothing was asked for.
  assert.ok(!('cryptoCookie' in (await sealedAndOpened({ remember: true }, { indexedDB: undefined }))));
});

it('is undefined without consent, without encryption, and with a key that is none', async () => {
  const options = { consent: true, publicKey, serviceEncryptionKey: 'service', eventType: 'signup' };
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  assert.equal(await sealDevice({ ...options, consent: false, onError }, fakePage().page), undefined);
  assert.equal(errors.length, 0);
  assert.equal(await sealDevice({ ...options, onError }, fakePage({ crypto: {} }).page), undefined);
  assert.equal(await sealDevice({ ...options, publicKey: 'none', onError }, fakePage().page), undefined);
  assert.equal(errors.length, 2);
});
