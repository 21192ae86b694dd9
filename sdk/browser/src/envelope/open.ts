// Opens an envelope as the server does; for tests.

import { webcrypto } from 'node:crypto';

import { fromBase64 } from './base64.ts';

const { subtle } = webcrypto;

// `privateKey` is base64 of its PKCS8.
export async function open(envelope: string, privateKey: string): Promise<string> {
  const { clientEncryptionKey, ciphertext, salt, iv } = JSON.parse(atob(envelope)) as Record<string, string>;
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const bytes = (text: string | undefined) => fromBase64(text ?? '');
  const theirs = await subtle.importKey('spki', bytes(clientEncryptionKey), curve, false, []);
  const ours = await subtle.importKey('pkcs8', bytes(privateKey), curve, false, ['deriveBits']);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: theirs }, ours, 256);
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: bytes(salt), info: new Uint8Array() };
  const key = await subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  const text = await subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv) }, key, bytes(ciphertext));
  return new TextDecoder().decode(text);
}
