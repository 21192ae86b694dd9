// The `device` object of the ingest API.

import { type IdentityOptions, identify } from './identity.ts';
import { attempt, type OnError, type Page, present } from './page.ts';
import { deviceMemory } from './sources/device_memory.ts';
import { graphics } from './sources/graphics.ts';
import { hardwareConcurrency } from './sources/hardware_concurrency.ts';
import { language } from './sources/language.ts';
import { platform } from './sources/platform.ts';
import { type Screen, screenSize } from './sources/screen.ts';
import { timezone } from './sources/timezone.ts';
import { userAgent } from './sources/user_agent.ts';

// A field that the browser does not tell is absent.
export interface Device {
  userAgent?: string;
  screen?: Screen;
  timezone?: string;
  language?: string;
  webglVendor?: string;
  webglRenderer?: string;
  hardwareConcurrency?: number;
  deviceMemory?: number;
  platform?: string;
  clientFingerprint?: string;
}

// `identity` is 'none' when the page brings an id of its own.
export function describeDevice(page: Page, identity: IdentityOptions | 'none', onError?: OnError): Device {
  const seen = attempt(() => graphics(page), onError);
  return present<Device>({
    userAgent: attempt(() => userAgent(page), onError),
    screen: attempt(() => screenSize(page), onError),
    timezone: attempt(() => timezone(page), onError),
    language: attempt(() => language(page), onError),
    webglVendor: seen?.webglVendor,
    webglRenderer: seen?.webglRenderer,
    hardwareConcurrency: attempt(() => hardwareConcurrency(page), onError),
    deviceMemory: attempt(() => deviceMemory(page), onError),
    platform: attempt(() => platform(page), onError),
    clientFingerprint: identity === 'none' ? undefined : attempt(() => identify(page, seen, identity, onError), onError),
  });
}
