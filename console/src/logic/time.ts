// Times for people: local, with UTC beside it.

const two = (value: number) => String(value).padStart(2, '0');

/** `2026-11-21 16:04:09`, in the reader's time zone. */
export function local(text: string): string {
  const at = new Date(text);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `2026-11-21 15:04:09 UTC`. */
export function utc(text: string): string {
  return `${new Date(text).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `3 min ago`, as of `now`. */
export function ago(text: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(text)) / 1_000));
  if (seconds < 60) return 'just now';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} days ago`;
}
