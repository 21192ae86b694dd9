// The frame around every screen: where one can go, and who one is.

import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';

import { withMode } from '../logic/hrefs';
import { Link, usePath } from '../router';
import { useSession } from '../session';
import { useTheme, type Theme } from '../theme';
import { useMode } from './DataSet';
import { Icon, Logo, type IconName } from './icons';
import { Palette } from './Palette';
import { Button } from './ui';

type Group = [string, [string, string, IconName][]];

const CLIENT: Group[] = [
  ['Watch', [
    ['/client-admin', 'Overview', 'overview'],
    ['/client-admin/events', 'Events', 'events'],
    ['/client-admin/reviews', 'Review queue', 'review'],
    ['/client-admin/signals', 'Signals', 'signals'],
    ['/client-admin/analytics', 'Analytics', 'analytics'],
  ]],
  ['Decide', [
    ['/client-admin/rules', 'Rules', 'rules'],
    ['/client-admin/custom-rules', 'Custom rules', 'custom'],
    ['/client-admin/velocity-rules', 'Velocity rules', 'velocity'],
    ['/client-admin/lists', 'Lists', 'lists'],
    ['/client-admin/trust-model', 'Trust model', 'model'],
  ]],
  ['Connect', [
    ['/client-admin/api-keys', 'API keys', 'keys'],
    ['/client-admin/webhooks', 'Webhooks', 'webhooks'],
    ['/client-admin/usage', 'Usage', 'usage'],
  ]],
  ['Account', [
    ['/client-admin/team', 'Team', 'team'],
    ['/client-admin/audit', 'Audit log', 'audit'],
  ]],
];

const ADMIN: Group[] = [
  ['Clients', [['/admin/clients', 'Clients', 'clients']]],
  ['Defaults', [
    ['/admin/global-rules', 'Global rules', 'rules'],
    ['/admin/reputation', 'Reputation lists', 'reputation'],
  ]],
  ['Installation', [
    ['/admin/audit', 'Audit log', 'audit'],
    ['/admin/health', 'System health', 'health'],
  ]],
];

/** Screens that show live or test data. */
const OF_DATA = ['/client-admin', '/client-admin/events', '/client-admin/reviews', '/client-admin/signals', '/client-admin/analytics', '/client-admin/trust-model', '/client-admin/usage'];

const ROLES = { SUPER_ADMIN: 'Super admin', CLIENT_ADMIN: 'Admin', ANALYST: 'Analyst', VIEWER: 'Viewer' };

export function Shell({ isAdmin, children }: { isAdmin: boolean; children: ReactNode }): ReactElement {
  const path = usePath();
  const mode = useMode();
  const { user, companyName } = useSession();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    setOpen(false);
    // Who reads with a screen reader is told of the new page by its heading; the first one is announced anyway.
    if (isFirst.current) isFirst.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [path]);
  const groups = isAdmin ? ADMIN : CLIENT;
  const home = isAdmin ? '/admin/clients' : '/client-admin';
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className={`side ${isOpen ? 'open' : ''}`}>
        <div className="top">
          <Link className="brand" href={home}>
            <Logo />
            <span>
              Portcullis
              <small>{isAdmin ? 'Installation' : companyName}</small>
            </span>
          </Link>
          <Button kind="plain menu-button" icon="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Menu
          </Button>
        </div>
        <Palette screens={groups.flatMap(([, links]) => links.map(([href, name]) => ({ href, name })))} hasEvents={!isAdmin} />
        <nav className="nav" aria-label="Console">
          {groups.map(([group, links]) => (
            <div key={group}>
              <h2>{group}</h2>
              {links.map(([href, name, icon]) => (
                <Link key={href} href={OF_DATA.includes(href) ? withMode(href, mode) : href} aria-current={isCurrent(href, path) ? 'page' : undefined}>
                  <Icon name={icon} />
                  {name}
                </Link>
              ))}
            </div>
          ))}
        </nav>
        <div className="who">
          <span>
            <strong>{user?.email}</strong>
            <span className="muted">{user && ROLES[user.role]}</span>
          </span>
          <Preferences />
        </div>
      </header>
      <main className="main" id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function isCurrent(href: string, path: string): boolean {
  if (path === href || path === `${href}/`) return true;
  if (href === '/client-admin/events' && path.startsWith('/client-admin/entities/')) return true;
  return href !== '/client-admin' && path.startsWith(`${href}/`);
}

function Preferences(): ReactElement {
  const [theme, setTheme] = useTheme();
  const { logOut } = useSession();
  return (
    <div className="row">
      <select className="input" aria-label="Colors" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
        <option value="system">Colors of the system</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
      <Button kind="small" icon="out" onClick={() => void logOut()}>
        Log out
      </Button>
      <a className="button plain small" href="/docs" target="_blank" rel="noreferrer">
        API reference
      </a>
    </div>
  );
}
