// The key that signs for this browser. Its private half can not leave the browser.

import type { Page } from '../page.ts';
import { toBase64 } from './base64.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const DATABASE = 'portcullis';
const STORE = 'keys';
const NAME = 'device';

export function newKey({ crypto }: Pick<Page, 'crypto'>): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign']);
}

// The key that this browser keeps in its storage, made on the first visit.
export async function rememberedKey(page: Page): Promise<CryptoKeyPair> {
  const database = await opened(page);
  try {
    const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE);
    const known = await done<CryptoKeyPair | undefined>(store('readonly').get(NAME));
    if (known) return known;
    const made = await newKey(page);
    await done(store('readwrite').put(made, NAME));
    return made;
  } finally {
    database.close();
  }
}

export async function forgetKey({ indexedDB }: Page): Promise<void> {
  await done(indexedDB.deleteDatabase(DATABASE));
}

// Base64 of the public half, as SPKI.
export async function publicHalf({ publicKey }: CryptoKeyPair, { crypto }: Pick<Page, 'crypto'>): Promise<string> {
  return toBase64(await crypto.subtle.exportKey('spki', publicKey));
}

// Base64 of an ECDSA signature with SHA-256 over the text: r and s, 32 bytes each.
export async function signed(text: string, { privateKey }: CryptoKeyPair, { crypto }: Pick<Page, 'crypto'>): Promise<string> {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  return toBase64(await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(text)));
}

function opened({ indexedDB }: Page): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
