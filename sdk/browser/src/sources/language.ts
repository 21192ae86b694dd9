import type { Page } from '../page.ts';

// Such as `en-GB`.
export function language({ navigator }: Page): string | undefined {
  return navigator.language;
}
