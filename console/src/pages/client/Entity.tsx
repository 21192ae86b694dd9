// A user, e-mail address, device or network address: what it did, and whom it shares what with.

import type { ReactElement } from 'react';

import { withQuery } from '../../api';
import { DataSet, useMode } from '../../components/DataSet';
import { Decision } from '../../components/Decision';
import { EVENT_COLUMNS, EVENT_EXPORT } from '../../components/EventTable';
import { LinkGraph } from '../../components/LinkGraph';
import { ScoreHistory } from '../../components/charts';
import { ExportButton, Table, saveCsv, type Column } from '../../components/Table';
import { Button, Card, Empty, PageHead, ProblemNote, Skeleton, Stat, Time } from '../../components/ui';
import { useGet } from '../../data';
import { neighbors, type Neighbor } from '../../logic/graph';
import { entityHref, withMode, type EntityKind } from '../../logic/hrefs';
import { Link } from '../../router';
import type { EventSummary, Mode, Page } from '../../types';

const PATH = '/api/v1/client/events';
const NAMES: Record<EntityKind, string> = { user: 'User', device: 'Device', ip: 'Address', email: 'E-mail' };
const NEWEST = 200;

const sharedColumns = (mode: Mode): Column<Neighbor>[] => [
  { head: 'Kind', cell: (each) => NAMES[each.kind], csv: (each) => each.kind },
  { head: 'Value', cell: (each) => <Link className="wrap mono" href={entityHref(each.kind, each.value, mode)}>{each.value}</Link>, csv: (each) => each.value },
  { head: 'Events in common', number: true, cell: (each) => each.events, csv: (each) => each.events },
];

export default function Entity({ params }: { params: Record<string, string> }): ReactElement {
  const kind = params.kind as EntityKind;
  const value = params.value ?? '';
  const isKnown = kind in NAMES;
  const mode = useMode();
  const { data, problem, reload } = useGet<Page<EventSummary>>(isKnown ? withQuery(PATH, { [kind]: value, limit: NEWEST, mode }) : null);
  const head = <PageHead title={isKnown ? `${NAMES[kind]} ${value}` : 'There is no such page'} crumbs={[['Events', withMode('/client-admin/events', mode)]]}>{isKnown && <DataSet />}</PageHead>;
  if (!data) return <>{head}{problem ? <ProblemNote problem={problem} onRetry={reload} /> : isKnown && <Card flush><Skeleton lines={8} /></Card>}</>;
  const events = data.items;
  if (events.length === 0) return <>{head}<Card flush><Empty title="No events"><p>Nothing was judged of it in your {mode} data.</p></Empty></Card></>;
  const shared = neighbors({ kind, value }, events);
  const count = (each: EntityKind) => shared.filter((neighbor) => neighbor.kind === each).length;
  const newest = events[0];
  const columns = sharedColumns(mode);
  return (
    <>
      {head}
      <div className="stack">
        <dl className="stats">
          <Stat name="Events" more={data.nextCursor ? 'the newest; there are more' : 'ever'}>{events.length}</Stat>
          {kind !== 'user' && <Stat name="Users on it">{count('user')}</Stat>}
          {kind !== 'email' && <Stat name="E-mail addresses">{count('email')}</Stat>}
          {kind === 'email' && count('email') > 0 && <Stat name="Other spellings" more="of the same mailbox">{count('email')}</Stat>}
          {kind !== 'device' && <Stat name={kind === 'user' ? 'Devices used' : 'Devices'}>{count('device')}</Stat>}
          {kind !== 'ip' && <Stat name="Addresses">{count('ip')}</Stat>}
          {newest && <Stat name="Last decision" more={<Time at={newest.at} relative />}><Decision decision={newest.decision} /></Stat>}
        </dl>
        <div className="columns">
          <Card title="Scores over time"><ScoreHistory events={events} /></Card>
          <Card title="What it is linked with">
            {shared.length > 0 ? <LinkGraph center={{ kind, value }} events={events} /> : <p className="muted">Its events share nothing with others.</p>}
          </Card>
        </div>
        {shared.length > 0 && <Card flush title="Shared with" actions={<Button kind="small" icon="download" onClick={() => saveCsv(`shared-${kind}`, columns, shared)}>Export CSV</Button>}><Table label="Shared with" columns={columns} items={shared.slice(0, 50)} id={(each) => `${each.kind} ${each.value}`} /></Card>}
        <Card flush title="Events" actions={<ExportButton path={PATH} params={{ [kind]: value, mode }} columns={EVENT_EXPORT} name={`events-${kind}`} />}>
          <Table label="Events" columns={EVENT_COLUMNS} items={events} id={(event) => event.id} />
        </Card>
      </div>
    </>
  );
}
