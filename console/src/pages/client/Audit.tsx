// Who changed what, for one client.

import type { ReactElement } from 'react';

import { AuditTable } from '../../components/AuditTable';
import { PageHead } from '../../components/ui';

export default function Audit(): ReactElement {
  return (
    <>
      <PageHead title="Audit log" about="Every change, with what was there before. Passwords and keys are never in it." />
      <AuditTable path="/api/v1/client/audit" />
    </>
  );
}
