// Reputation lists: search, add, remove, import, export.

import { useRef, useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { Table, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Confirm, Empty, Field, PageHead, ProblemNote, Skeleton, Time } from '../../components/ui';
import { useAction, useGet } from '../../data';
import { download } from '../../logic/csv';
import { parseItems, shownItem } from '../../logic/reputation';
import { navigate, useQuery } from '../../router';
import type { Reputation } from '../../types';

const LISTS: Record<string, [string, string, string]> = {
  'disposable-domains': ['Disposable mail domains', 'Domains that give out throw-away mailboxes.', 'mailinator.com'],
  'high-risk-asns': ['High-risk networks', 'Numbers of autonomous systems that you do not trust. Nothing is on it until you put it there.', 'AS64500'],
  'datacenter-asns': ['Hosting networks', 'Numbers of autonomous systems of hosting providers. Networks from files are not listed.', 'AS64500'],
  'tor-exits': ['Tor exits', 'Addresses from which Tor traffic comes.', '192.0.2.7'],
  'vpn-networks': ['VPN networks', 'Addresses and networks of VPN providers.', '192.0.2.0/24'],
  'proxy-networks': ['Proxy networks', 'Addresses and networks of open and commercial proxies.', '192.0.2.0/24'],
  'ip-overrides': ['Places of addresses', 'What you know better than the tables: country, city or network of an address.', '{"cidr": "192.0.2.0/24", "countryCode": "DE"}'],
};
const FIRST = 'disposable-domains';
const SHOWN = 100;

export default function ReputationPage({ params }: { params: Record<string, string> }): ReactElement {
  const name = params.list && params.list in LISTS ? params.list : FIRST;
  return (
    <>
      <PageHead title="Reputation lists" about="What addresses, networks and domains are known for. An edit holds over every shipped and fetched table, and counts from the next event." />
      <div className="split reverse">
        <nav className="card picker" aria-label="Reputation lists">
          {Object.entries(LISTS).map(([each, [title]]) => (
            <a key={each} href={`/admin/reputation/${each}`} aria-current={each === name ? 'page' : undefined} onClick={(event) => (event.preventDefault(), navigate(`/admin/reputation/${each}`))}>
              {title}
            </a>
          ))}
        </nav>
        <List name={name} key={name} />
      </div>
    </>
  );
}

function List({ name }: { name: string }): ReactElement {
  const path = `/api/v1/admin/reputation/${name}`;
  const [title, about, example] = LISTS[name] ?? ['', '', ''];
  const { data: list, problem, reload, set } = useGet<Reputation>(path);
  const [query, change] = useQuery();
  const search = query.get('search') ?? '';
  const [removing, setRemoving] = useState<unknown>();
  const edit = useAction(async (body: object, done: string) => {
    set(await request<Reputation>('PATCH', path, body));
    setRemoving(undefined);
    toast(done);
  });
  const found = (list?.items ?? []).filter((item) => shownItem(item).toLowerCase().includes(search.toLowerCase()));
  const columns: Column<unknown>[] = [
    { head: 'Entry', cell: (item) => <span className="mono wrap">{shownItem(item)}</span> },
    { head: 'Actions', number: true, cell: (item) => <Button kind="small danger" aria-label={`Remove ${shownItem(item)}`} onClick={() => setRemoving(item)}>Remove</Button> },
  ];
  return (
    <div className="stack">
      <Card
        flush
        title={title}
        about={about}
        actions={list && (
          <>
            <span className="muted small">{list.items.length.toLocaleString('en')} entries{list.updatedAt && <>, edited <Time at={list.updatedAt} /></>}</span>
            <Button kind="small" icon="download" onClick={() => download(`${name}.txt`, list.items.map(shownItem).join('\n') + '\n', 'text/plain;charset=utf-8')}>Export</Button>
          </>
        )}
      >
        <ProblemNote problem={problem} onRetry={reload} />
        <AddForm example={example} onAdd={(items, done) => edit.run({ add: items }, done)} isRunning={edit.isRunning} />
        {edit.problem && <div className="body"><ProblemNote problem={edit.problem} /></div>}
        <div className="filters">
          <input className="input" type="search" aria-label={`Search ${title}`} placeholder="Search" value={search} onChange={(event) => change({ search: event.target.value })} />
        </div>
        {!list && !problem && <Skeleton lines={8} />}
        {list && found.length === 0 && <Empty title={list.items.length === 0 ? 'Nothing is on this list' : 'No entry is like that'} />}
        {found.length > 0 && <Table label={title} columns={columns} items={found.slice(0, SHOWN)} id={shownItem} />}
        {found.length > SHOWN && <p className="body muted small">The first {SHOWN} of {found.length.toLocaleString('en')}. Search for the rest.</p>}
      </Card>
      {removing !== undefined && (
        <Confirm title="Remove the entry?" action="Remove" onClose={() => setRemoving(undefined)} onDo={() => edit.run({ remove: [removing] }, 'Removed. It does not count from the next event on.')} problem={edit.problem} isRunning={edit.isRunning}>
          <code className="wrap">{shownItem(removing)}</code>, also when a fetched table has it. You can add it again at any time.
        </Confirm>
      )}
    </div>
  );
}

function AddForm({ example, onAdd, isRunning }: { example: string; onAdd: (items: unknown[], done: string) => Promise<void>; isRunning: boolean }): ReactElement {
  const [text, setText] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const items = parseItems(text);
    if (items.length === 0) return;
    await onAdd(items, items.length === 1 ? 'Added. It counts from the next event on.' : `${items.length} entries were added.`);
    setText('');
  };
  const read = async (list: FileList | null) => {
    const chosen = list?.[0];
    if (chosen) setText(await chosen.text());
    if (file.current) file.current.value = '';
  };
  return (
    <form className="filters" onSubmit={(event) => void submit(event)}>
      <div className="grow">
        <Field label="Add entries, one a line">
          {(props) => <textarea {...props} className="input code" rows={2} value={text} placeholder={example} onChange={(event) => setText(event.target.value)} />}
        </Field>
      </div>
      <input ref={file} type="file" className="hidden" tabIndex={-1} aria-hidden="true" accept=".txt,.csv,text/plain,text/csv" onChange={(event) => void read(event.target.files)} />
      <Button onClick={() => file.current?.click()}>Import file…</Button>
      <Button kind="primary" type="submit" disabled={isRunning || !text.trim()}>Add</Button>
    </form>
  );
}
