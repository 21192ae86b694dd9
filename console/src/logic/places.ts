// Where a few typed letters may lead.

import { entityHref, eventHref } from './hrefs';

export interface Place {
  name: string;
  href: string;
}

const EVENT_ID = /^cm[0-9a-z]{10,}$/;
const ADDRESS = /^[0-9a-f.:]*[.:][0-9a-f.:]*$/i;
const DEVICE = /^[0-9a-f]{32}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** The screens whose names have the text in them; then what the text itself may name. */
export function places(text: string, screens: Place[], hasEvents: boolean): Place[] {
  const typed = text.trim();
  const fitting = screens.filter((screen) => screen.name.toLowerCase().includes(typed.toLowerCase()));
  if (!typed || !hasEvents) return fitting;
  return [...fitting, ...named(typed)];
}

function named(text: string): Place[] {
  if (EVENT_ID.test(text)) return [{ name: `Event ${text}`, href: eventHref(text) }];
  const found = [{ name: `User ${text}`, href: entityHref('user', text) }];
  if (DEVICE.test(text)) found.unshift({ name: `Device ${text}`, href: entityHref('device', text) });
  if (ADDRESS.test(text)) found.unshift({ name: `Address ${text}`, href: entityHref('ip', text) });
  if (EMAIL.test(text)) found.unshift({ name: `E-mail ${text}`, href: entityHref('email', text) });
  return found;
}
