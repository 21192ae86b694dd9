// Seals a text to a public key: ECDH on P-256 with a key that is used once, HKDF-SHA256 with the salt and no info, then
// AES-256-GCM with a 16-byte nonce, the tag at the end. Base64 of the JSON of all of it is what the keyri API takes as
// `encryptedB64Payload`.

import type { Page } from '../page.ts';
import { fromBase64, toBase64 } from './base64.ts';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };

// `publicKey` is the installation's, base64 of its SPKI. Needs a page with https: nowhere else do browsers encrypt.
export async function seal(text: string, publicKey: string, { crypto }: Pick<Page, 'crypto'>): Promise<string> {
  const { subtle } = crypto;
  const theirs = await subtle.importKey('spki', fromBase64(publicKey), CURVE, false, []);
  const ours = await subtle.generateKey(CURVE, false, ['deriveBits']);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: theirs }, ours.privateKey, 256);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: new Uint8Array() };
  const key = await subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  const ciphertext = await subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
  const envelope = {
    clientEncryptionKey: toBase64(await subtle.exportKey('spki', ours.publicKey)),
    ciphertext: toBase64(ciphertext),
    salt: toBase64(salt),
    iv: toBase64(iv),
  };
  return btoa(JSON.stringify(envelope));
}
