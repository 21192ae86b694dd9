// Which errors are worth another attempt, and how long to wait before it.

import { ConnectionError } from './errors.js';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;
// Added to what the server asks for, so that clients that were refused together do not come back together.
const SPREAD_MS = 250;

export function isWorthRetrying(error) {
  return error instanceof ConnectionError || [408, 429].includes(error?.status) || error?.status >= 500;
}

// After `attempt` attempts (1 and up); `chance` is from 0 to 1.
export function delayMs(attempt, retryAfter, chance) {
  if (retryAfter !== null) return retryAfter * 1_000 + chance * SPREAD_MS;
  const most = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return most * (1 + chance) / 2;
}
