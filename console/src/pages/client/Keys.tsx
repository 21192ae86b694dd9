// The client's API keys.

import type { ReactElement } from 'react';

import { Keys } from '../../components/Keys';
import { PageHead } from '../../components/ui';
import { useMay } from '../../session';

export default function OwnKeys(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  return (
    <>
      <PageHead title="API keys" about="For your backend. To exchange one, make a second, put it to use, and revoke the first: revoking acts on the very next call." />
      <Keys path="/api/v1/client/api-keys" mayChange={mayChange} />
    </>
  );
}
