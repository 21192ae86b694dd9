// Whom and what the client blocks, allows or watches.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { titled } from '../../components/Decision';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Confirm, Dialog, Empty, Field, PageHead, ProblemNote, Time } from '../../components/ui';
import { useAction, usePages } from '../../data';
import { useQuery } from '../../router';
import { useMay } from '../../session';
import type { ListEntry } from '../../types';

const PATH = '/api/v1/client/lists';
const LISTS = ['block', 'allow', 'watch'] as const;
const KINDS = ['user', 'device', 'ip', 'email', 'phone', 'document'] as const;

const COLUMNS: Column<ListEntry>[] = [
  { head: 'List', cell: (entry) => <span className={`badge ${entry.list === 'watch' ? 'flag' : entry.list}`}>{titled(entry.list)}</span>, csv: (entry) => entry.list },
  { head: 'Kind', cell: (entry) => titled(entry.kind), csv: (entry) => entry.kind },
  { head: 'Value', cell: (entry) => <span className="mono wrap">{entry.value}</span>, csv: (entry) => entry.value },
  { head: 'Why', cell: (entry) => <span className="clip" title={entry.reason ?? ''}>{entry.reason ?? <span className="muted">–</span>}</span>, csv: (entry) => entry.reason },
  { head: 'Appeal', cell: (entry) => <span className="clip" title={entry.appeal ?? ''}>{entry.appeal ?? <span className="muted">–</span>}</span>, csv: (entry) => entry.appeal },
  { head: 'Data', cell: (entry) => entry.mode, csv: (entry) => entry.mode },
  { head: 'Since', cell: (entry) => <Time at={entry.createdAt} />, csv: (entry) => entry.createdAt },
  { head: 'Until', cell: (entry) => <Until at={entry.expiresAt} />, csv: (entry) => entry.expiresAt },
];

function Until({ at }: { at: string | null }): ReactElement {
  if (!at) return <span className="muted">it is removed</span>;
  return Date.parse(at) < Date.now() ? <span className="badge">Expired</span> : <Time at={at} />;
}

export default function Lists(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN', 'ANALYST');
  const [query, change] = useQuery();
  const params = { list: query.get('list'), kind: query.get('kind'), mode: query.get('mode') };
  const pages = usePages<ListEntry>(PATH, params);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ListEntry>();
  const remove = useAction(async () => {
    await request('DELETE', `${PATH}/${removing?.id}`);
    setRemoving(undefined);
    pages.reload();
    toast('The entry is removed: it does not count from the next event on.');
  });
  const actions: Column<ListEntry> = {
    head: 'Actions', number: true,
    cell: (entry) => (
      <Button kind="small danger" aria-label={`Remove ${entry.value}`} onClick={() => setRemoving(entry)}>
        Remove
      </Button>
    ),
  };
  const filter = (name: 'list' | 'kind' | 'mode', label: string, options: readonly string[]) => (
    <Field label={label}>
      {(props) => (
        <select {...props} className="input" value={params[name] ?? ''} onChange={(event) => change({ [name]: event.target.value })}>
          <option value="">All</option>
          {options.map((option) => <option key={option} value={option}>{titled(option)}</option>)}
        </select>
      )}
    </Field>
  );
  return (
    <>
      <PageHead title="Lists" about="Users, devices, addresses and mailboxes that you block, allow or watch. An entry counts from the next event on.">
        <ExportButton path={PATH} params={params} columns={COLUMNS} name="lists" />
        {mayChange && <Button kind="primary small" icon="plus" onClick={() => setAdding(true)}>Add entry</Button>}
      </PageHead>
      <Card flush>
        <div className="filters">
          {filter('list', 'List', LISTS)}
          {filter('kind', 'Kind', KINDS)}
          {filter('mode', 'Data', ['live', 'test'])}
        </div>
        <PagedTable
          pages={pages}
          label="List entries"
          columns={mayChange ? [...COLUMNS, actions] : COLUMNS}
          id={(entry) => entry.id}
          empty={
            <Empty title="Nothing is listed">
              <p>Block what you know to be bad, allow your own office, watch what you are not sure of. From an event’s page it takes one click.</p>
              {mayChange && <Button kind="primary" onClick={() => setAdding(true)}>Add the first entry</Button>}
            </Empty>
          }
        />
      </Card>
      {adding && <NewEntry onClose={() => setAdding(false)} onMade={() => (setAdding(false), pages.reload(), toast('Added. It counts from the next event on.'))} />}
      {removing && (
        <Confirm title="Remove the entry?" action="Remove" onClose={() => setRemoving(undefined)} onDo={remove.run} problem={remove.problem} isRunning={remove.isRunning}>
          <code className="wrap">{removing.value}</code> is on the {removing.list} list. The audit log keeps that it was.
        </Confirm>
      )}
    </>
  );
}

const EXAMPLES = { user: 'user-1', device: '3f1c2a9be07d45c8', ip: '203.0.113.0/24', email: 'jane@example.com', phone: '+49 30 901820', document: 'C01X00T47' };

function NewEntry({ onClose, onMade }: { onClose: () => void; onMade: () => void }): ReactElement {
  const [list, setList] = useState<ListEntry['list']>('block');
  const [kind, setKind] = useState<ListEntry['kind']>('ip');
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const action = useAction(async () => {
    await request('POST', PATH, { list, kind, value, ...(reason.trim() && { reason: reason.trim() }), ...(until && { expiresAt: new Date(until).toISOString() }) });
    onMade();
  });
  const { problem } = action;
  const isShownBelow = ['/value', '/reason', '/expiresAt'].some((pointer) => problem?.of(pointer));
  return (
    <Dialog title="Add an entry" onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run())}>
        {!isShownBelow && <ProblemNote problem={problem} />}
        <fieldset className="row">
          <legend className="legend">List</legend>
          {LISTS.map((each) => (
            <label className="check" key={each}><input type="radio" name="list" checked={list === each} onChange={() => setList(each)} /> {titled(each)}</label>
          ))}
        </fieldset>
        <Field label="Kind">
          {(props) => (
            <select {...props} className="input" value={kind} onChange={(event) => setKind(event.target.value as ListEntry['kind'])}>
              {KINDS.map((each) => <option key={each} value={each}>{titled(each)}</option>)}
            </select>
          )}
        </Field>
        <Field label="Value" wrong={problem?.of('/value')} hint={`For instance ${EXAMPLES[kind]}`}>
          {(props) => <input {...props} className="input mono" required value={value} onChange={(event) => setValue(event.target.value)} />}
        </Field>
        <Field label="Why" wrong={problem?.of('/reason')} hint="Kept in the audit log: name nobody.">
          {(props) => <input {...props} className="input" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        <Field label="Until" wrong={problem?.of('/expiresAt')} hint="It stays when empty.">
          {(props) => <input {...props} className="input" type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} />}
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>Add entry</Button>
        </div>
      </form>
    </Dialog>
  );
}
