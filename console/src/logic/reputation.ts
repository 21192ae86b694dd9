// Entries of reputation lists as lines of text.

/** One entry a line; empty lines and those that begin with `#` are left out. An entry may be a JSON object. */
export function parseItems(text: string): unknown[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line && !line.startsWith('#')).map(parseItem);
}

function parseItem(line: string): unknown {
  if (!line.startsWith('{')) return line;
  try {
    return JSON.parse(line);
  } catch {
    // The server says what is wrong with it.
    return line;
  }
}

export function shownItem(item: unknown): string {
  if (typeof item === 'number') return `AS${item}`;
  return typeof item === 'string' ? item : JSON.stringify(item);
}
