import type { Page } from '../page.ts';

export interface Screen {
  // CSS pixels.
  width: number;
  height: number;
  // Device pixels per CSS pixel.
  pixelRatio: number;
}

export function screenSize({ screen, devicePixelRatio }: Page): Screen {
  return { width: screen.width, height: screen.height, pixelRatio: devicePixelRatio };
}

// Such as `1920x1080`.
export function screenResolution({ screen }: Page): string {
  return `${screen.width}x${screen.height}`;
}
