// `deviceParams` of the keyri envelope: what the browser shows, as texts.

import { attempt, type OnError, type Page, present } from '../page.ts';
import { canvasImage } from '../sources/canvas.ts';
import { deviceMemory } from '../sources/device_memory.ts';
import { fonts } from '../sources/fonts.ts';
import type { Graphics } from '../sources/graphics.ts';
import { hardwareConcurrency } from '../sources/hardware_concurrency.ts';
import { platform } from '../sources/platform.ts';
import { screenResolution } from '../sources/screen.ts';
import { timezone } from '../sources/timezone.ts';
import { maxTouchPoints } from '../sources/touch.ts';
import { userAgent } from '../sources/user_agent.ts';
import { digest } from '../digest.ts';

export type DeviceParams = Record<string, string>;

export function describeParams(page: Page, seen: Graphics | undefined, onError?: OnError): DeviceParams {
  const text = (source: () => unknown) => {
    const value = attempt(source, onError);
    return value === undefined || value === null ? undefined : String(value);
  };
  return present<DeviceParams>({
    gpuVendor: seen?.webglVendor,
    gpuRenderer: seen?.webglRenderer,
    timezone: text(() => timezone(page)),
    platform: text(() => platform(page)),
    deviceMemory: text(() => deviceMemory(page)),
    maxTouchPoints: text(() => maxTouchPoints(page)),
    hardwareConcurrency: text(() => hardwareConcurrency(page)),
    screenColorDepth: text(() => page.screen.colorDepth),
    screenResolution: text(() => screenResolution(page)),
    userAgent: text(() => userAgent(page)),
    languages: text(() => page.navigator.languages),
    fonts: text(() => fonts(page)),
    canvas: text(() => {
      const image = canvasImage(page);
      return image && digest(image);
    }),
  });
}
