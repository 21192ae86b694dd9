// Collects without a form.

import { describeDevice, type Device } from './device.ts';
import { forgetKey } from './envelope/key.ts';
import { describeFingerprint, type Fingerprint } from './fingerprint.ts';
import type { CollectOptions } from './form.ts';
import { attempt, type OnError, type Page, report } from './page.ts';
import { forgetId } from './sources/remembered.ts';
import { askVisitorId } from './visitor_id.ts';

// The `device` object of the ingest API. Undefined without consent.
export async function collectDevice(options: CollectOptions, page: Page = window): Promise<Device | undefined> {
  return afterConsent(options, async () => {
    const { visitorId, remember, onError } = options;
    const asked = visitorId && askVisitorId(visitorId, onError);
    const device = describeDevice(page, visitorId ? 'none' : { remember }, onError);
    await asked?.settled;
    const id = asked?.now();
    return { ...device, ...(id && { clientFingerprint: id }) };
  });
}

// The `fingerprint` object of the fraudshield API. Undefined without consent.
export async function collectFingerprint(
  options: Pick<CollectOptions, 'consent' | 'onError'>,
  page: Page = window,
): Promise<Fingerprint | undefined> {
  return afterConsent(options, async () => describeFingerprint(page, options.onError));
}

// Waits for the answer about consent; what fails is undefined, and told.
export async function afterConsent<T>(
  options: Pick<CollectOptions, 'consent' | 'onError'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return (await options.consent) === true ? await work() : undefined;
  } catch (error) {
    report(error, options?.onError);
    return undefined;
  }
}

// Deletes what `remember` keeps in this browser.
export async function forget(onError?: OnError, page: Page = window): Promise<void> {
  attempt(() => forgetId(page), onError);
  await forgetKey(page).catch((error: unknown) => report(error, onError));
}
