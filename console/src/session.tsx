// Who is logged in, for every component.

import { createContext, use, useCallback, useEffect, useState, type ReactElement, type ReactNode } from 'react';

import { onSessionLost, request, setCsrfToken } from './api';
import type { Role, Session, User } from './types';

interface SessionValue {
  /** Undefined until the server has said; null for nobody. */
  user: User | null | undefined;
  companyName: string | null;
  wasLost: boolean;
  /** Whether anybody may make an account. */
  mayRegister: boolean;
  logIn: (email: string, password: string) => Promise<void>;
  logOut: () => Promise<void>;
}

const Context = createContext<SessionValue | undefined>(undefined);
const NOBODY: Session = { user: null, companyName: null, csrfToken: null, mayRegister: false };

export function SessionProvider({ children }: { children: ReactNode }): ReactElement {
  const [session, setSession] = useState<Session>();
  const [wasLost, setLost] = useState(false);
  const take = useCallback((next: Session) => {
    setCsrfToken(next.csrfToken);
    setSession(next);
  }, []);
  useEffect(() => {
    onSessionLost(() => {
      setLost(true);
      setCsrfToken(null);
      setSession((before) => ({ ...NOBODY, mayRegister: before?.mayRegister ?? false }));
    });
    request<Session>('GET', '/console/session').then(take, () => take(NOBODY));
  }, [take]);
  const logIn = async (email: string, password: string) => {
    take(await request<Session>('POST', '/console/session', { email, password }));
    setLost(false);
  };
  const logOut = async () => {
    await request('DELETE', '/console/session');
    setLost(false);
    take({ ...NOBODY, mayRegister: session?.mayRegister ?? false });
  };
  const value = { user: session?.user, companyName: session?.companyName ?? null, mayRegister: session?.mayRegister ?? false, wasLost, logIn, logOut };
  return <Context value={value}>{children}</Context>;
}

export function useSession(): SessionValue {
  const value = use(Context);
  if (!value) throw new Error('there is no session provider');
  return value;
}

/** Whether the user has one of these roles. It decides what is shown; the server decides what is allowed. */
export function useMay(...roles: Role[]): boolean {
  const role = useSession().user?.role;
  return role !== undefined && roles.includes(role);
}
