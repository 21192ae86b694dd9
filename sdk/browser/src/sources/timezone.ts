import type { Page } from '../page.ts';

// IANA name, such as `Europe/London`.
export function timezone({ Intl }: Page): string | undefined {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
