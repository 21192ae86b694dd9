// The clients of this installation.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Dialog, Empty, Field, PageHead, ProblemNote, Time } from '../../components/ui';
import { useAction, usePages } from '../../data';
import { Link, navigate } from '../../router';
import type { Client } from '../../types';
import { UserFields, newUserBody, type UserDraft } from '../../components/UserFields';

const PATH = '/api/v1/admin/clients';

export const CLIENT_STATE = { active: ['Active', 'allow'], suspended: ['Suspended', 'block'] } as const;

const COLUMNS: Column<Client>[] = [
  { head: 'Name', cell: (client) => <Link className="wrap" href={`/admin/clients/${client.slug}`}>{client.name}</Link>, csv: (client) => client.name },
  { head: 'Slug', cell: (client) => <code>{client.slug}</code>, csv: (client) => client.slug },
  { head: 'State', cell: (client) => <span className={`badge ${CLIENT_STATE[client.status][1]}`}>{CLIENT_STATE[client.status][0]}</span>, csv: (client) => client.status },
  { head: 'Calls a minute and key', number: true, cell: (client) => client.rateLimitPerMinute ?? <span className="muted">any number</span>, csv: (client) => client.rateLimitPerMinute },
  { head: 'Created', cell: (client) => <Time at={client.createdAt} />, csv: (client) => client.createdAt },
];

export default function Clients(): ReactElement {
  const pages = usePages<Client>(PATH);
  const [adding, setAdding] = useState(false);
  const add = <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>Create client</Button>;
  return (
    <>
      <PageHead title="Clients" about="Each has its own users, keys, rules, lists and events. None sees anything of another.">
        <ExportButton path={PATH} columns={COLUMNS} name="clients" />
        {add}
      </PageHead>
      <Card flush>
        <PagedTable
          pages={pages}
          label="Clients"
          columns={COLUMNS}
          id={(client) => client.slug}
          empty={
            <Empty title="No clients yet" sample={`curl -s ${location.origin}/api/v1/admin/clients -H "Authorization: Bearer $TOKEN" \\\n  -H 'Content-Type: application/json' -d '{"name": "Acme Inc.", "slug": "acme"}'`}>
              <p>A client is whoever has signups and logins judged: a shop, an app, a business unit. Create one here, or from a script.</p>
              {add}
            </Empty>
          }
        />
      </Card>
      {adding && <NewClient onClose={() => setAdding(false)} />}
    </>
  );
}

function slugOf(name: string): string {
  return name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63);
}

function NewClient({ onClose }: { onClose: () => void }): ReactElement {
  const [name, setName] = useState('');
  const [slug, setSlug] = useState('');
  const [hasUser, setHasUser] = useState(true);
  const [user, setUser] = useState<UserDraft>({ email: '', password: '', role: 'CLIENT_ADMIN' });
  const [made, setMade] = useState<string>();
  const action = useAction(async () => {
    const wanted = slug || slugOf(name);
    if (!made) {
      await request('POST', PATH, { name, slug: wanted });
      setMade(wanted);
    }
    if (hasUser) await request('POST', `${PATH}/${made ?? wanted}/users`, newUserBody(user));
    toast(`${name} is there.`);
    navigate(`/admin/clients/${made ?? wanted}`);
  });
  const { problem } = action;
  const isShownBelow = ['/name', '/slug', '/email', '/password'].some((pointer) => problem?.of(pointer));
  return (
    <Dialog title="Create a client" onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run())}>
        {!isShownBelow && <ProblemNote problem={problem} />}
        <Field label="Name" wrong={problem?.of('/name')}>
          {(props) => <input {...props} className="input" required maxLength={100} autoFocus disabled={made !== undefined} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Slug" wrong={problem?.of('/slug')} hint="Lower-case letters, digits and hyphens. It never changes.">
          {(props) => <input {...props} className="input mono" disabled={made !== undefined} value={slug} placeholder={slugOf(name) || 'acme'} onChange={(event) => setSlug(event.target.value)} />}
        </Field>
        <label className="check">
          <input type="checkbox" checked={hasUser} onChange={() => setHasUser(!hasUser)} /> Also create its first user
        </label>
        {hasUser && <UserFields draft={user} setDraft={setUser} problem={problem} />}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>Create client</Button>
        </div>
      </form>
    </Dialog>
  );
}
