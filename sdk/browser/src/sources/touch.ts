import type { Page } from '../page.ts';

// Fingers that the screen can tell apart.
export function maxTouchPoints({ navigator }: Page): number | undefined {
  return navigator.maxTouchPoints;
}
