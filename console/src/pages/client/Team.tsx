// Who may log in for this client.

import type { ReactElement } from 'react';

import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { Card, Empty, PageHead, Time } from '../../components/ui';
import { usePages } from '../../data';
import type { Teammate } from '../../types';

const PATH = '/api/v1/client/team';
const ROLES = { CLIENT_ADMIN: 'Admin', ANALYST: 'Analyst', VIEWER: 'Viewer' };

const COLUMNS: Column<Teammate>[] = [
  { head: 'E-mail', cell: (user) => <strong className="wrap">{user.email}</strong>, csv: (user) => user.email },
  { head: 'Role', cell: (user) => ROLES[user.role], csv: (user) => user.role },
  { head: 'State', cell: (user) => <span className={`badge ${user.status === 'active' ? 'allow' : ''}`}>{user.status === 'active' ? 'Active' : 'Disabled'}</span>, csv: (user) => user.status },
  { head: 'Since', cell: (user) => <Time at={user.createdAt} />, csv: (user) => user.createdAt },
];

const MAY: [string, string][] = [
  ['Viewer', 'sees everything of the client, and tries conditions out'],
  ['Analyst', 'also works on lists, reviews and signals'],
  ['Admin', 'also changes rules, keys and webhooks'],
];

export default function Team(): ReactElement {
  return (
    <>
      <PageHead title="Team" about="Who may log in here. Whoever runs this installation adds and removes people." />
      <div className="split">
        <Card flush title="People" actions={<ExportButton path={PATH} columns={COLUMNS} name="team" />}>
          <PagedTable pages={usePages<Teammate>(PATH)} label="Team" columns={COLUMNS} id={(user) => user.id} empty={<Empty title="Nobody yet" />} />
        </Card>
        <Card title="What each role may do">
          <dl className="pairs">
            {MAY.map(([role, may]) => (
              <div key={role} className="hidden-wrap">
                <dt>{role}</dt>
                <dd>{may}</dd>
              </div>
            ))}
          </dl>
        </Card>
      </div>
    </>
  );
}
