import type { Page } from '../page.ts';

const NAME = 'portcullis.id';

// A random id of 32 hexadecimal digits that this browser keeps in its storage; only for sites that ask for it.
export function rememberedId({ localStorage, crypto }: Page): string {
  const known = localStorage.getItem(NAME);
  if (known && /^[0-9a-f]{32}$/.test(known)) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  localStorage.setItem(NAME, id);
  return id;
}

export function forgetId({ localStorage }: Page): void {
  localStorage.removeItem(NAME);
}
