import type { Page } from '../page.ts';

// Processors that the browser may use; some browsers say fewer than there are.
export function hardwareConcurrency({ navigator }: Page): number | undefined {
  return navigator.hardwareConcurrency;
}
