import type { Page } from '../page.ts';

export function userAgent({ navigator }: Page): string | undefined {
  return navigator.userAgent;
}
