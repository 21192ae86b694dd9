import type { Page } from '../page.ts';

// GiB, rounded by the browser. Only Chromium says it, and only on pages with https.
export function deviceMemory({ navigator }: Page): number | undefined {
  return (navigator as Navigator & { deviceMemory?: number }).deviceMemory;
}
