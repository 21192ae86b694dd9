// From an address to a screen: every screen of both consoles is on this page.

import { lazy, Suspense, useEffect, type ComponentType, type ReactElement } from 'react';

import { Shell } from './components/Shell';
import { Toasts } from './components/toast';
import { Button, Card, Empty, PageHead, Skeleton } from './components/ui';
import { LogIn, REGISTER } from './pages/LogIn';
import { Register } from './pages/Register';
import { Link, match, navigate, usePath } from './router';
import { useSession } from './session';

type Params = Record<string, string>;
type Screen = ComponentType<{ params: Params }>;

function screen(load: () => Promise<{ default: Screen }>): Screen {
  return lazy(load);
}

const CLIENT: [string, Screen][] = [
  ['/client-admin', screen(() => import('./pages/client/Overview'))],
  ['/client-admin/events', screen(() => import('./pages/client/Events'))],
  ['/client-admin/events/:id', screen(() => import('./pages/client/Event'))],
  ['/client-admin/entities/:kind/:value', screen(() => import('./pages/client/Entity'))],
  ['/client-admin/analytics', screen(() => import('./pages/client/Analytics'))],
  ['/client-admin/reviews', screen(() => import('./pages/client/Reviews'))],
  ['/client-admin/signals', screen(() => import('./pages/client/Signals'))],
  ['/client-admin/trust-model', screen(() => import('./pages/client/TrustModel'))],
  ['/client-admin/webhooks', screen(() => import('./pages/client/Webhooks'))],
  ['/client-admin/webhooks/:id', screen(() => import('./pages/client/Webhook'))],
  ['/client-admin/rules', screen(() => import('./pages/client/Rules'))],
  ['/client-admin/custom-rules', screen(() => import('./pages/client/CustomRules'))],
  ['/client-admin/custom-rules/:id', screen(() => import('./pages/client/CustomRule'))],
  ['/client-admin/velocity-rules', screen(() => import('./pages/client/VelocityRules'))],
  ['/client-admin/lists', screen(() => import('./pages/client/Lists'))],
  ['/client-admin/api-keys', screen(() => import('./pages/client/Keys'))],
  ['/client-admin/usage', screen(() => import('./pages/client/Usage'))],
  ['/client-admin/team', screen(() => import('./pages/client/Team'))],
  ['/client-admin/audit', screen(() => import('./pages/client/Audit'))],
];

const ADMIN: [string, Screen][] = [
  ['/admin/clients', screen(() => import('./pages/admin/Clients'))],
  ['/admin/clients/:slug', screen(() => import('./pages/admin/Client'))],
  ['/admin/global-rules', screen(() => import('./pages/admin/GlobalRules'))],
  ['/admin/reputation', screen(() => import('./pages/admin/Reputation'))],
  ['/admin/reputation/:list', screen(() => import('./pages/admin/Reputation'))],
  ['/admin/audit', screen(() => import('./pages/admin/Audit'))],
  ['/admin/health', screen(() => import('./pages/admin/Health'))],
];

export function App(): ReactElement {
  const path = usePath();
  const { user } = useSession();
  const isAdmin = path === '/admin' || path.startsWith('/admin/');
  useEffect(() => {
    if (user && path.replace(/\/+$/, '') === '/admin') navigate('/admin/clients', { replace: true });
  }, [user, path]);
  if (user === undefined) return <Skeleton />;
  if (user === null) return path.replace(/\/+$/, '') === REGISTER ? <Register /> : <LogIn isAdmin={isAdmin} />;
  return (
    <>
      <Shell isAdmin={isAdmin}>
        <Content path={path} isAdmin={isAdmin} isSuperAdmin={user.role === 'SUPER_ADMIN'} />
      </Shell>
      <Toasts />
    </>
  );
}

function Content({ path, isAdmin, isSuperAdmin }: { path: string; isAdmin: boolean; isSuperAdmin: boolean }): ReactElement {
  if (isAdmin !== isSuperAdmin) return <WrongConsole isSuperAdmin={isSuperAdmin} />;
  for (const [pattern, Page] of isAdmin ? ADMIN : CLIENT) {
    const params = match(pattern, path);
    if (params) {
      return (
        <Suspense fallback={<Skeleton lines={8} />}>
          <Page params={params} key={pattern} />
        </Suspense>
      );
    }
  }
  return path.replace(/\/+$/, '') === '/admin' ? <Skeleton /> : <NotFound isAdmin={isAdmin} />;
}

function WrongConsole({ isSuperAdmin }: { isSuperAdmin: boolean }): ReactElement {
  const { logOut } = useSession();
  const own = isSuperAdmin ? '/admin/clients' : '/client-admin';
  return (
    <>
      <PageHead title="This is the other console" />
      <Card>
        <p>
          {isSuperAdmin
            ? 'You run this installation, and belong to no client: a client’s data are for the client’s own people.'
            : 'These screens are for those who run this installation.'}
        </p>
        <div className="row">
          <Link href={own}>Go to your own console</Link>
          <Button kind="plain" onClick={() => void logOut()}>
            Log in as somebody else
          </Button>
        </div>
      </Card>
    </>
  );
}

function NotFound({ isAdmin }: { isAdmin: boolean }): ReactElement {
  return (
    <>
      <PageHead title="There is no such page" />
      <Card flush>
        <Empty title="The address leads nowhere">
          <Link href={isAdmin ? '/admin/clients' : '/client-admin'}>Go to the first page</Link>
        </Empty>
      </Card>
    </>
  );
}
