// An id of the device that the page brings, such as FingerprintJS' `visitorId`.

import { type OnError, report } from './page.ts';

const WAIT_MS = 1000;

export type VisitorId = () => string | PromiseLike<string>;

export interface Asked {
  // The id, if it is there.
  now(): string | undefined;
  // When it is there, failed, or took longer than a second: nobody waits longer for a slow one.
  settled: Promise<void>;
}

export function askVisitorId(visitorId: VisitorId, onError?: OnError): Asked {
  let id: string | undefined;
  const answered = Promise.resolve()
    .then(visitorId)
    .then(
      (answer) => {
        if (typeof answer === 'string' && answer) id = answer;
      },
      (error: unknown) => report(error, onError),
    );
  const late = new Promise<void>((resolve) => void setTimeout(resolve, WAIT_MS));
  return { now: () => id, settled: Promise.race([answered, late]) };
}
