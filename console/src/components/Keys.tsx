// API keys: a client's own, and any client's for a super admin.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../api';
import { useAction, usePages } from '../data';
import { firstCall } from '../pages/client/firstCall';
import type { ApiKey, Mode } from '../types';
import { ExportButton, PagedTable, type Column } from './Table';
import { toast } from './toast';
import { Button, Card, Confirm, CopyButton, Dialog, Empty, Field, Note, ProblemNote, Sample, Time } from './ui';

const DIALECTS = ['ingest', 'fraudshield', 'fraudsense', 'keyri', 'signet'];

/** What is being done: making a key, maybe in place of another; showing the new one; revoking one. */
type Doing = { kind: 'make'; after?: ApiKey } | { kind: 'show'; key: ApiKey; after?: ApiKey } | { kind: 'revoke'; key: ApiKey };

export function Keys({ path, mayChange }: { path: string; mayChange: boolean }): ReactElement {
  const pages = usePages<ApiKey>(path);
  const [doing, setDoing] = useState<Doing>();
  const revoke = useAction(async (key: ApiKey) => {
    await request('DELETE', `${path}/${key.id}`);
    setDoing(undefined);
    pages.reload();
    toast(`${key.name} is revoked: the next call with it is refused.`);
  });
  const close = () => {
    revoke.clear();
    setDoing(undefined);
  };
  const columns = [...COLUMNS, ...(mayChange ? [actions(setDoing)] : [])];
  return (
    <>
      <Card flush title="Keys" actions={<><ExportButton path={path} columns={COLUMNS} name="api-keys" />{mayChange && <Button kind="primary small" icon="plus" onClick={() => setDoing({ kind: 'make' })}>Create key</Button>}</>}>
        <PagedTable
          pages={pages}
          label="API keys"
          columns={columns}
          id={(key) => key.id}
          rowClass={(key) => (key.status === 'active' ? '' : 'faded')}
          empty={
            <Empty title="No keys yet">
              <p>A key belongs to your backend: it says whose events these are. It is shown once, when it is made, and kept only as a hash.</p>
              {mayChange && <Button kind="primary" onClick={() => setDoing({ kind: 'make' })}>Create the first key</Button>}
            </Empty>
          }
        />
      </Card>
      {doing?.kind === 'make' && (
        <NewKey
          path={path}
          after={doing.after}
          onClose={close}
          onMade={(key) => {
            pages.reload();
            setDoing({ kind: 'show', key, ...(doing.after && { after: doing.after }) });
          }}
        />
      )}
      {doing?.kind === 'show' && <ShowKey apiKey={doing.key} after={doing.after} onClose={close} onRevoke={(key) => setDoing({ kind: 'revoke', key })} />}
      {doing?.kind === 'revoke' && (
        <Confirm title={`Revoke ${doing.key.name}?`} action="Revoke key" onClose={close} onDo={() => revoke.run(doing.key)} problem={revoke.problem} isRunning={revoke.isRunning}>
          The next call with <code>{doing.key.prefix}…</code> is refused. This can not be taken back.
        </Confirm>
      )}
    </>
  );
}

const STATES = { active: 'Active', revoked: 'Revoked', expired: 'Expired' };

const COLUMNS: Column<ApiKey>[] = [
  { head: 'Name', cell: (key) => <strong className="wrap">{key.name}</strong>, csv: (key) => key.name },
  { head: 'Key', cell: (key) => <code>{key.prefix}…</code>, csv: (key) => key.prefix },
  { head: 'Data', cell: (key) => <span className={`badge ${key.mode === 'test' ? 'flag' : ''}`}>{key.mode}</span>, csv: (key) => key.mode },
  { head: 'Made for', cell: (key) => key.dialect, csv: (key) => key.dialect },
  { head: 'May do', cell: (key) => <span className="muted small">{key.scopes.join(', ')}</span>, csv: (key) => key.scopes.join(' ') },
  { head: 'From', cell: (key) => <span className="clip muted small" title={key.allowedIps.join(', ')}>{key.allowedIps.join(', ') || 'anywhere'}</span>, csv: (key) => key.allowedIps.join(' ') },
  { head: 'Last used', cell: (key) => <Time at={key.lastUsedAt} relative />, csv: (key) => key.lastUsedAt },
  { head: 'Created', cell: (key) => <Time at={key.createdAt} />, csv: (key) => key.createdAt },
  { head: 'State', cell: (key) => <span className={`badge ${key.status === 'active' ? 'allow' : ''}`}>{STATES[key.status]}</span>, csv: (key) => key.status },
];

function actions(setDoing: (doing: Doing) => void): Column<ApiKey> {
  return {
    head: 'Actions', number: true,
    cell: (key) =>
      key.status === 'active' && (
        <span className="chips">
          <Button kind="small" onClick={() => setDoing({ kind: 'make', after: key })} aria-label={`Rotate ${key.name}`}>Rotate</Button>
          <Button kind="small danger" onClick={() => setDoing({ kind: 'revoke', key })} aria-label={`Revoke ${key.name}`}>Revoke</Button>
        </span>
      ),
  };
}

function NewKey({ path, after, onClose, onMade }: { path: string; after: ApiKey | undefined; onClose: () => void; onMade: (key: ApiKey) => void }): ReactElement {
  const [name, setName] = useState(after?.name ?? '');
  const [dialect, setDialect] = useState(after?.dialect ?? 'ingest');
  const [mode, setMode] = useState<Mode>(after?.mode ?? 'live');
  const [from, setFrom] = useState(after?.allowedIps.join('\n') ?? '');
  const action = useAction(async () => {
    const allowedIps = from.split(/[\s,]+/).filter(Boolean);
    const body = { name, dialect, mode, ...(after && { scopes: after.scopes }), ...(allowedIps.length > 0 && { allowedIps }) };
    onMade(await request<ApiKey>('POST', path, body));
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run();
  };
  const badNetwork = action.problem?.errors.find((error) => error.pointer.startsWith('/allowedIps'));
  return (
    <Dialog title={after ? `Rotate ${after.name}` : 'Create a key'} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {after && <Note>First a second key like this one. Put it to use, then revoke the old one: both work until then.</Note>}
        {action.problem && !action.problem.of('/name') && !badNetwork && <ProblemNote problem={action.problem} />}
        <Field label="Name" hint="For people, such as the service that uses it." wrong={action.problem?.of('/name')}>
          {(props) => <input {...props} className="input" required maxLength={100} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <fieldset className="stack tight">
          <legend className="legend">Data</legend>
          <label className="check"><input type="radio" name="mode" checked={mode === 'live'} onChange={() => setMode('live')} /> Live: real events</label>
          <label className="check"><input type="radio" name="mode" checked={mode === 'test'} onChange={() => setMode('test')} /> Test: data of their own, and test values that force a decision</label>
        </fieldset>
        <Field label="Made for" hint="The API whose form the key has. It works in every API.">
          {(props) => (
            <select {...props} className="input" value={dialect} onChange={(event) => setDialect(event.target.value)}>
              {DIALECTS.map((each) => <option key={each}>{each}</option>)}
            </select>
          )}
        </Field>
        <Field label="Only from these addresses" hint="Addresses or networks, one a line. Anywhere when empty." wrong={badNetwork && `${badNetwork.message}.`}>
          {(props) => <textarea {...props} className="input code" value={from} onChange={(event) => setFrom(event.target.value)} placeholder="192.0.2.0/24" />}
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>Create key</Button>
        </div>
      </form>
    </Dialog>
  );
}

function ShowKey({ apiKey, after, onClose, onRevoke }: { apiKey: ApiKey; after: ApiKey | undefined; onClose: () => void; onRevoke: (key: ApiKey) => void }): ReactElement {
  const key = apiKey.key ?? '';
  return (
    <Dialog title="Your new key" onClose={onClose}>
      <Note kind="good">Copy it now. It is shown this once; nobody, not even we, can show it again.</Note>
      <div className="key">
        <code data-testid="new-key">{key}</code>
        <CopyButton text={key} />
      </div>
      {apiKey.dialect === 'ingest' && (
        <div className="stack tight">
          <h2>Try it</h2>
          <Sample text={firstCall(key)} />
        </div>
      )}
      <div className="actions">
        {after && <Button kind="danger" onClick={() => onRevoke(after)}>Revoke {after.prefix}…</Button>}
        <Button kind="primary" onClick={onClose}>I have it</Button>
      </div>
    </Dialog>
  );
}
