// Tables as CSV (RFC 4180).

export type Cell = string | number | boolean | null | undefined;

export function toCsv(head: string[], rows: Cell[][]): string {
  return [head, ...rows].map((row) => row.map(quote).join(',')).join('\r\n') + '\r\n';
}

/** One cell. What a spreadsheet would run as a formula gets an apostrophe in front; a plain number stays. */
function quote(cell: Cell): string {
  const text = cell === null || cell === undefined ? '' : String(cell);
  const isFormula = typeof cell !== 'number' && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Has the browser save a text as a file. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
