// The object that the keyri API takes as `encryptedB64Payload`.

import { afterConsent } from '../collect.ts';
import type { CollectOptions } from '../form.ts';
import { derivedId } from '../identity.ts';
import { attempt, type Page, report } from '../page.ts';
import { graphics } from '../sources/graphics.ts';
import { newKey, publicHalf, rememberedKey, signed } from './key.ts';
import { describeParams } from './params.ts';
import { seal } from './seal.ts';

export interface EnvelopeOptions extends Pick<CollectOptions, 'consent' | 'onError'> {
  // The installation's public key, base64 of its SPKI.
  publicKey: string;
  // The service's own public key.
  serviceEncryptionKey: string;
  // Such as `visits`, `login` or `signup`.
  eventType: string;
  eventResult?: 'success' | 'fail' | 'incomplete' | undefined;
  userId?: string | undefined;
  apiKey?: string | undefined;
  // Keep the key that signs in this browser's storage, so that it is known again.
  remember?: boolean | undefined;
}

// Base64 of the sealed object. Undefined without consent, and on pages without https.
export async function sealDevice(options: EnvelopeOptions, page: Page = window): Promise<string | undefined> {
  return afterConsent(options, async () => {
    const plain = await describe(options, page);
    return seal(JSON.stringify(plain), options.publicKey, page);
  });
}

async function describe(options: EnvelopeOptions, page: Page): Promise<Record<string, unknown>> {
  const { onError, remember } = options;
  const seen = attempt(() => graphics(page), onError);
  const kept = remember ? await rememberedKey(page).catch((error: unknown) => report(error, onError)) : undefined;
  const key = kept ?? (await newKey(page));
  const signingKey = await publicHalf(key, page);
  const now = String(page.Date.now());
  const timestamp = now + now;
  return {
    apiKey: options.apiKey,
    deviceHash: derivedId(page, seen, onError),
    deviceParams: describeParams(page, seen, onError),
    eventType: options.eventType,
    eventResult: options.eventResult ?? 'success',
    signals: [],
    userId: options.userId,
    // A key that is made anew on each page tells nothing of the browser.
    cryptoCookie: kept && signingKey,
    timestamp,
    timestampSignature: await signed(timestamp, key, page),
    clientSigningKey: signingKey,
    serviceEncryptionKey: options.serviceEncryptionKey,
  };
}
