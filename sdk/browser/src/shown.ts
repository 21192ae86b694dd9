// When a form came into view.

import { attempt, type OnError, type Page } from './page.ts';

export interface Shown {
  // ms since 1970; when it was looked for first, if it did not come into view so far.
  since(): number;
  stop(): void;
}

// A form that is used is in view, whatever the browser says about it.
export function noticeShown(form: HTMLElement, page: Page, onError?: OnError): Shown {
  const attachedAt = page.Date.now();
  let shownAt: number | undefined;
  const shown = () =>
    attempt(() => {
      shownAt ??= page.Date.now();
      stop();
    }, onError);
  const observer =
    page.IntersectionObserver &&
    new page.IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) shown();
    });
  const stop = () => {
    observer?.disconnect();
    form.removeEventListener('focusin', shown);
  };
  observer?.observe(form);
  form.addEventListener('focusin', shown, { passive: true });
  return { since: () => shownAt ?? attachedAt, stop };
}
