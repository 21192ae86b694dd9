// Tables: columns are declared once, for the screen and for CSV.

import { useId, type ReactElement, type ReactNode } from 'react';

import { everything, useAction, type LoadedPages } from '../data';
import { download, toCsv, type Cell } from '../logic/csv';
import { toast } from './toast';
import { Button, ProblemNote, Skeleton } from './ui';

export interface Column<T> {
  head: string;
  cell: (item: T) => ReactNode;
  /** The same for CSV; columns without it are not exported. */
  csv?: (item: T) => Cell;
  /** Aligned to the right: numbers, and what can be done with a row. */
  number?: boolean;
}

interface TableProps<T> {
  label: string;
  columns: Column<T>[];
  items: T[];
  id: (item: T) => string | number;
  rowClass?: (item: T) => string;
}

export function Table<T>({ label, columns, items, id, rowClass }: TableProps<T>): ReactElement {
  const caption = useId();
  return (
    <div className="scroll" role="region" aria-labelledby={caption} tabIndex={0}>
      <table>
        <caption className="hidden" id={caption}>
          {label}
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" className={column.number ? 'number' : undefined}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={id(item)} className={rowClass?.(item)}>
              {columns.map((column) => (
                <td key={column.head} className={column.number ? 'number' : undefined}>
                  {column.cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A list of the API with its states: loading, failed, empty, more. */
export function PagedTable<T>({ pages, empty, ...table }: Omit<TableProps<T>, 'items'> & { pages: LoadedPages<T>; empty: ReactNode }): ReactElement {
  const { items, problem, isLoading, more, reload } = pages;
  return (
    <div aria-busy={isLoading}>
      {problem && (
        <div className="body">
          <ProblemNote problem={problem} onRetry={reload} />
        </div>
      )}
      {!items && !problem && <Skeleton lines={8} />}
      {items && items.length === 0 && !more && !isLoading && empty}
      {items && items.length > 0 && <Table {...table} items={items} />}
      {more && (
        <footer className="row body">
          <Button onClick={more} disabled={isLoading}>
            {isLoading ? 'Loading…' : 'Show more'}
          </Button>
          <span className="muted small">{items?.length} shown</span>
        </footer>
      )}
    </div>
  );
}

const MOST_EXPORTED = 10_000;

/** Saves a list of the API as CSV, as far as it goes with the filters that are set. */
export function ExportButton<T>({ path, params = {}, columns, name }: { path: string; params?: Record<string, string | null | undefined>; columns: Column<T>[]; name: string }): ReactElement {
  const action = useAction(async () => {
    const items = await everything<T>(path, params, MOST_EXPORTED);
    saveCsv(name, columns, items);
    toast(items.length === MOST_EXPORTED ? `The first ${MOST_EXPORTED} rows were saved; narrow the filters for the rest.` : `${items.length} rows were saved.`);
  });
  return (
    <>
      <Button icon="download" kind="small" disabled={action.isRunning} onClick={() => void action.run()}>
        {action.isRunning ? 'Collecting…' : 'Export CSV'}
      </Button>
      <ProblemNote problem={action.problem} />
    </>
  );
}

export function saveCsv<T>(name: string, columns: Column<T>[], items: T[]): void {
  const exported = columns.filter((column) => column.csv);
  const rows = items.map((item) => exported.map((column) => column.csv?.(item)));
  download(`${name}.csv`, toCsv(exported.map((column) => column.head), rows));
}
