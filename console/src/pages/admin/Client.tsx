// One client: its state and limits, who may log in, and its keys.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { Keys } from '../../components/Keys';
import { toast } from '../../components/toast';
import { Button, Card, Confirm, Field, Note, PageHead, ProblemNote, Skeleton, Tabs, Time } from '../../components/ui';
import { useAction, useGet } from '../../data';
import { useQuery } from '../../router';
import type { Client } from '../../types';
import { CLIENT_STATE } from './Clients';
import { Users } from '../../components/Users';

const TABS = [['users', 'Users'], ['keys', 'API keys'], ['settings', 'Settings']] as const;
type Tab = (typeof TABS)[number][0];

export default function ClientPage({ params }: { params: Record<string, string> }): ReactElement {
  const path = `/api/v1/admin/clients/${encodeURIComponent(params.slug ?? '')}`;
  const { data: client, problem, reload, set } = useGet<Client>(path);
  const [query, change] = useQuery();
  const [suspending, setSuspending] = useState(false);
  const tab = (query.get('tab') ?? 'users') as Tab;
  const setStatus = useAction(async (status: Client['status']) => {
    set(await request<Client>('PATCH', path, { status }));
    setSuspending(false);
    toast(status === 'active' ? 'The client is served again.' : 'The client is suspended: its keys and users are refused.');
  });
  const crumbs: [string, string][] = [['Clients', '/admin/clients']];
  if (!client) return <><PageHead title={params.slug ?? ''} crumbs={crumbs} />{problem ? <ProblemNote problem={problem} onRetry={reload} /> : <Card flush><Skeleton /></Card>}</>;
  const [state, color] = CLIENT_STATE[client.status];
  return (
    <>
      <PageHead title={client.name} crumbs={crumbs} about={<><code>{client.slug}</code>, since <Time at={client.createdAt} /></>}>
        <span className={`badge ${color}`}>{state}</span>
        {client.status === 'active'
          ? <Button kind="danger small" onClick={() => setSuspending(true)}>Suspend</Button>
          : <Button kind="small" disabled={setStatus.isRunning} onClick={() => void setStatus.run('active')}>Serve again</Button>}
      </PageHead>
      <div className="stack">
        {client.status === 'suspended' && <Note kind="bad">All keys and users of this client are refused. Its data stay as they are.</Note>}
        <Tabs tabs={TABS} current={tab} onPick={(next) => change({ tab: next === 'users' ? '' : next })} label="About this client" />
        <div role="tabpanel" aria-labelledby={`tab-${tab}`} className="stack">
          {tab === 'users' && <Users path={`${path}/users`} title="Users" mayChange empty={<p>That is fine for a client that only calls the API. Somebody with the role of an admin could make keys and tune the rules.</p>} />}
          {tab === 'keys' && <Keys path={`${path}/api-keys`} mayChange />}
          {tab === 'settings' && <Settings client={client} path={path} onSaved={set} key={client.slug} />}
        </div>
      </div>
      {suspending && (
        <Confirm title={`Suspend ${client.name}?`} action="Suspend client" onClose={() => setSuspending(false)} onDo={() => setStatus.run('suspended')} problem={setStatus.problem} isRunning={setStatus.isRunning}>
          From the next request on, all of its keys and users are refused. You can take that back at any time.
        </Confirm>
      )}
    </>
  );
}

function Settings({ client, path, onSaved }: { client: Client; path: string; onSaved: (client: Client) => void }): ReactElement {
  const [name, setName] = useState(client.name);
  const [perMinute, setPerMinute] = useState(String(client.rateLimitPerMinute ?? ''));
  const [per15Min, setPer15Min] = useState(String(client.requestsPer15Min ?? ''));
  const number = (text: string) => (text.trim() === '' ? null : Number(text));
  const action = useAction(async () => {
    onSaved(await request<Client>('PATCH', path, { name, rateLimitPerMinute: number(perMinute), requestsPer15Min: number(per15Min) }));
    toast('Saved.');
  });
  const { problem } = action;
  const isShownBelow = ['/name', '/rateLimitPerMinute', '/requestsPer15Min'].some((pointer) => problem?.of(pointer));
  return (
    <Card title="Settings">
      <form className="stack narrow" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run())}>
        {!isShownBelow && <ProblemNote problem={problem} />}
        <Field label="Name" wrong={problem?.of('/name')}>
          {(props) => <input {...props} className="input" required value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Calls a minute of each key" hint="Any number in the ingest API when empty." wrong={problem?.of('/rateLimitPerMinute')}>
          {(props) => <input {...props} className="input number" type="number" min={1} value={perMinute} onChange={(event) => setPerMinute(event.target.value)} />}
        </Field>
        <Field label="fraudsense: calls in 15 minutes of each key" hint="1,000 when empty." wrong={problem?.of('/requestsPer15Min')}>
          {(props) => <input {...props} className="input number" type="number" min={1} value={per15Min} onChange={(event) => setPer15Min(event.target.value)} />}
        </Field>
        <div><Button kind="primary" type="submit" disabled={action.isRunning}>Save</Button></div>
      </form>
    </Card>
  );
}
