// Whether the visitor agreed. Nothing but `true` is consent.

import { type OnError, report } from './page.ts';

export type Consent = boolean | PromiseLike<boolean>;

// Calls `granted` when there is consent: now if it is there, else when it comes, and never if it does not.
export function whenGranted(consent: Consent | undefined, granted: () => void, onError?: OnError): void {
  if (consent === true) return granted();
  if (typeof consent !== 'object' || consent === null) return;
  consent.then(
    (answer) => {
      if (answer === true) granted();
    },
    (error) => report(error, onError),
  );
}
