// An id of the device from what its browser shows: the same on each visit, on each page of a site, and after cookies are
// deleted. Machines that are alike share it, and a browser that hides or changes what it shows gets another.

import { digest } from './digest.ts';
import { attempt, type OnError, type Page } from './page.ts';
import { canvasImage } from './sources/canvas.ts';
import { deviceMemory } from './sources/device_memory.ts';
import { fonts } from './sources/fonts.ts';
import type { Graphics } from './sources/graphics.ts';
import { hardwareConcurrency } from './sources/hardware_concurrency.ts';
import { platform } from './sources/platform.ts';
import { rememberedId } from './sources/remembered.ts';
import { maxTouchPoints } from './sources/touch.ts';

export interface IdentityOptions {
  // Keep a random id in this browser's storage, and use that one. Off unless asked for.
  remember?: boolean | undefined;
}

// 32 hexadecimal digits.
export function identify(page: Page, seen: Graphics | undefined, { remember }: IdentityOptions, onError?: OnError): string {
  const kept = remember ? attempt(() => rememberedId(page), onError) : undefined;
  return kept ?? derivedId(page, seen, onError);
}

// Nothing in here changes with a journey, when the screen is turned, or with the version number of the browser; a new
// version may still draw differently.
export function derivedId(page: Page, seen: Graphics | undefined, onError?: OnError): string {
  const parts = [
    () => platform(page),
    () => [page.screen.width, page.screen.height].sort((a, b) => a - b),
    () => page.screen.colorDepth,
    () => hardwareConcurrency(page),
    () => deviceMemory(page),
    () => maxTouchPoints(page),
    () => page.navigator.languages,
    () => fonts(page),
    () => canvasImage(page),
    () => seen?.abilities,
  ];
  return digest(JSON.stringify(parts.map((part) => attempt<unknown>(part, onError) ?? null)));
}
