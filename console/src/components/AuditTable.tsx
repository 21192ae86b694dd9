// Who changed what.

import { useState, type ReactElement } from 'react';

import { usePages } from '../data';
import type { AuditEntry } from '../types';
import { ExportButton, PagedTable, type Column } from './Table';
import { Button, Card, Dialog, Empty, Time } from './ui';

const COLUMNS: Column<AuditEntry>[] = [
  { head: 'Time', cell: (entry) => <Time at={entry.at} />, csv: (entry) => entry.at },
  { head: 'Who', cell: (entry) => <span className="wrap">{entry.actor.name ?? <span className="muted">the operator</span>}</span>, csv: (entry) => entry.actor.name },
  { head: 'Role', cell: (entry) => <span className="muted small">{entry.actor.role}</span>, csv: (entry) => entry.actor.role },
  { head: 'Did', cell: (entry) => <code>{entry.action}</code>, csv: (entry) => entry.action },
  { head: 'To', cell: (entry) => <span className="clip mono" title={entry.target}>{entry.target}</span>, csv: (entry) => entry.target },
  { head: 'From', cell: (entry) => entry.ip ?? <span className="muted">–</span>, csv: (entry) => entry.ip },
];

const CLIENT: Column<AuditEntry> = { head: 'Client', cell: (entry) => entry.client ?? <span className="muted">–</span>, csv: (entry) => entry.client };

const EXPORT: Column<AuditEntry>[] = [
  { head: 'Before', cell: () => null, csv: (entry) => entry.before && JSON.stringify(entry.before) },
  { head: 'After', cell: () => null, csv: (entry) => entry.after && JSON.stringify(entry.after) },
  { head: 'Request', cell: () => null, csv: (entry) => entry.requestId },
];

export function AuditTable({ path, hasClients = false }: { path: string; hasClients?: boolean }): ReactElement {
  const pages = usePages<AuditEntry>(path);
  const [shown, setShown] = useState<AuditEntry>();
  const columns = hasClients ? [...COLUMNS, CLIENT] : COLUMNS;
  const look: Column<AuditEntry> = {
    head: 'Change', number: true,
    cell: (entry) => (
      <Button kind="small" aria-label={`Show change ${entry.id}`} onClick={() => setShown(entry)}>
        Show
      </Button>
    ),
  };
  return (
    <>
      <Card flush title="Changes, newest first" actions={<ExportButton path={path} columns={[...columns, ...EXPORT]} name="audit" />}>
        <PagedTable pages={pages} label="Audit log" columns={[...columns, look]} id={(entry) => entry.id} empty={<Empty title="Nothing was changed yet"><p>Every change by a person, a key or a command is kept here, with what was there before.</p></Empty>} />
      </Card>
      {shown && (
        <Dialog title={shown.action} onClose={() => setShown(undefined)}>
          <div className="stack tight">
            <p className="muted wrap">
              {shown.actor.name ?? 'The operator'}, <Time at={shown.at} />, request <code>{shown.requestId || '–'}</code>
            </p>
            <Side name="Before" value={shown.before} />
            <Side name="After" value={shown.after} />
          </div>
          <div className="actions">
            <Button kind="primary" onClick={() => setShown(undefined)}>Close</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Side({ name, value }: { name: string; value: AuditEntry['before'] }): ReactElement {
  return (
    <div className="stack tight">
      <h2>{name}</h2>
      {value ? <pre className="json" tabIndex={0} aria-label={name}>{JSON.stringify(value, null, 2)}</pre> : <p className="muted">Nothing</p>}
    </div>
  );
}
