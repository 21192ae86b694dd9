// The `behavior` object of the ingest API: how a form is filled in, never with what.

import { attempt, type OnError, type Page } from './page.ts';

const SAMPLE_EVERY_MS = 50;
const MAX_POINTS = 300;

export interface Point {
  // CSS pixels from the left and the top of the window.
  x: number;
  y: number;
  // ms since the page started.
  t: number;
}

export interface Behavior {
  // ms since 1970.
  formStartedAt: number;
  formSubmittedAt: number;
  mousePath: Point[];
  keystrokeCount: number;
}

export interface Watch {
  read(): Behavior;
  stop(): void;
}

// Watches a form from now on. `startedAt` tells since when it is shown, in ms since 1970. What scripts pretend is not
// counted.
export function watch(form: HTMLElement, page: Page, startedAt: () => number, onError?: OnError): Watch {
  const mousePath: Point[] = [];
  let keystrokeCount = 0;
  let sampledAt = -Infinity;

  const moved = (event: MouseEvent) =>
    attempt(() => {
      const now = page.performance.now();
      if (!event.isTrusted || now - sampledAt < SAMPLE_EVERY_MS || mousePath.length >= MAX_POINTS) return;
      sampledAt = now;
      mousePath.push({ x: event.clientX, y: event.clientY, t: Math.round(now) });
    }, onError);
  const pressed = (event: KeyboardEvent) => {
    if (event.isTrusted) keystrokeCount++;
  };
  form.addEventListener('mousemove', moved, { passive: true });
  form.addEventListener('keydown', pressed, { passive: true });

  return {
    read: () => ({
      formStartedAt: startedAt(),
      formSubmittedAt: page.Date.now(),
      mousePath: mousePath.slice(),
      keystrokeCount,
    }),
    stop: () => {
      form.removeEventListener('mousemove', moved);
      form.removeEventListener('keydown', pressed);
    },
  };
}
