// The `fingerprint` object of the fraudshield API.

import { digest } from './digest.ts';
import { attempt, type OnError, type Page, present } from './page.ts';
import { canvasImage } from './sources/canvas.ts';
import { graphics } from './sources/graphics.ts';
import { language } from './sources/language.ts';
import { platform } from './sources/platform.ts';
import { screenResolution } from './sources/screen.ts';
import { timezone } from './sources/timezone.ts';
import { userAgent } from './sources/user_agent.ts';

// A field that the browser does not tell is absent.
export interface Fingerprint {
  user_agent?: string;
  screen_resolution?: string;
  timezone?: string;
  language?: string;
  platform?: string;
  canvas_hash?: string;
  webgl_hash?: string;
}

export function describeFingerprint(page: Page, onError?: OnError): Fingerprint {
  const hashed = (source: () => string | undefined) =>
    attempt(() => {
      const text = source();
      return text === undefined ? undefined : digest(text);
    }, onError);
  return present<Fingerprint>({
    user_agent: attempt(() => userAgent(page), onError),
    screen_resolution: attempt(() => screenResolution(page), onError),
    timezone: attempt(() => timezone(page), onError),
    language: attempt(() => language(page), onError),
    platform: attempt(() => platform(page), onError),
    canvas_hash: hashed(() => canvasImage(page)),
    webgl_hash: hashed(() => graphics(page)?.abilities),
  });
}
