// Who may log in for this client.

import type { ReactElement } from 'react';

import { Users } from '../../components/Users';
import { Card, PageHead } from '../../components/ui';
import { useMay, useSession } from '../../session';

const PATH = '/api/v1/client/team';

const MAY: [string, string][] = [
  ['Viewer', 'sees everything of the client, and tries conditions out'],
  ['Analyst', 'also works on lists, reviews and signals'],
  ['Admin', 'also changes rules, keys, webhooks and the team'],
];

export default function Team(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const self = useSession().user?.id;
  return (
    <>
      <PageHead title="Team" about="Who may log in here. Somebody who is added gets the password from you, not by mail. One admin always stays." />
      <div className="split">
        <Users path={PATH} title="People" mayChange={mayChange} self={self} empty={null} />
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
