// Everything that was looked at and known about an event.

import { useState, type ReactElement } from 'react';

import { Table, saveCsv, type Column } from '../../components/Table';
import { Button } from '../../components/ui';
import { signed } from '../../logic/waterfall';
import type { Check, CheckStatus, EventDetail, FactValue } from '../../types';

const STATUS: Record<CheckStatus, [string, string]> = {
  fired: ['Counted', 'block'],
  quiet: ['Quiet', ''],
  unknown: ['Not known', ''],
  disabled: ['Switched off', ''],
  shadow_fired: ['Shadow: would count', 'challenge'],
  shadow_quiet: ['Shadow: quiet', ''],
};

const CHECKS: Column<Check>[] = [
  { head: 'Rule', cell: (check) => check.label, csv: (check) => check.label },
  { head: 'Code', cell: (check) => <code>{check.code}</code>, csv: (check) => check.code },
  { head: 'Result', cell: (check) => <span className={`badge ${STATUS[check.status][1]}`}>{STATUS[check.status][0]}</span>, csv: (check) => check.status },
  { head: 'Weight', cell: (check) => check.weight, csv: (check) => check.weight, number: true },
  { head: 'Points', cell: (check) => signed(check.points), csv: (check) => check.points, number: true },
  { head: 'What was seen', cell: (check) => <span className="wrap">{check.detail ?? ''}</span>, csv: (check) => check.detail },
];

export function AllChecks({ checks }: { checks: Check[] }): ReactElement {
  return (
    <>
      <div className="row body">
        <Button kind="small" icon="download" onClick={() => saveCsv('checks', CHECKS, checks)}>
          Export CSV
        </Button>
      </div>
      <Table label="Every rule and what became of it" columns={CHECKS} items={checks} id={(check) => check.code} />
    </>
  );
}

interface FactRow {
  name: string;
  value: FactValue | null;
  missing: string | null;
}

const MISSING: Record<string, string> = {
  not_sent: 'not sent',
  not_found: 'not in the tables',
  not_loaded: 'table not loaded',
  not_applicable: 'does not apply',
};

const FACTS: Column<FactRow>[] = [
  { head: 'Fact', cell: (row) => <code>{row.name}</code>, csv: (row) => row.name },
  {
    head: 'Value',
    cell: (row) => (row.value === null ? <span className="muted">{MISSING[row.missing ?? ''] ?? row.missing}</span> : <span className="wrap">{String(row.value)}</span>),
    csv: (row) => row.value ?? row.missing,
  },
];

export function Facts({ event }: { event: EventDetail }): ReactElement {
  const [search, setSearch] = useState('');
  const [all, setAll] = useState(false);
  const known: FactRow[] = Object.entries(event.facts).map(([name, value]) => ({ name, value, missing: null }));
  const missing: FactRow[] = Object.entries(event.missing).map(([name, reason]) => ({ name, value: null, missing: reason }));
  const rows = [...known, ...(all ? missing : [])].filter((row) => row.name.includes(search.trim().toLowerCase()));
  rows.sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <div className="filters">
        <input className="input push" type="search" aria-label="Search the facts by name" placeholder="Search, for instance ip." value={search} onChange={(change) => setSearch(change.target.value)} />
        <label className="check">
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> Show what was not known
        </label>
        <Button kind="small" icon="download" onClick={() => saveCsv('facts', FACTS, rows)}>
          Export CSV
        </Button>
      </div>
      <div className="fact-table">
        <Table label="Facts" columns={FACTS} items={rows} id={(row) => row.name} />
      </div>
      {rows.length === 0 && <p className="body muted">No fact has such a name.</p>}
    </>
  );
}
