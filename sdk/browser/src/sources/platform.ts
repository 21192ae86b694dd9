import type { Page } from '../page.ts';

// Such as `Win32` or `MacIntel`.
export function platform({ navigator }: Page): string | undefined {
  return navigator.platform;
}
