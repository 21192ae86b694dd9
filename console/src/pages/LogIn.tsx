// Logging in, at whatever address somebody came to; they stay there.

import { useEffect, useState, type FormEvent, type ReactElement } from 'react';

import { Logo } from '../components/icons';
import { Field, Note, ProblemNote } from '../components/ui';
import { useAction } from '../data';
import { Link } from '../router';
import { useSession } from '../session';

export const REGISTER = '/client-admin/register';

export function LogIn({ isAdmin }: { isAdmin: boolean }): ReactElement {
  const { logIn, wasLost, mayRegister } = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const action = useAction(() => logIn(email.trim(), password));
  useEffect(() => {
    document.title = 'Log in · Portcullis';
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run();
  };
  return (
    <main className="door">
      <form className="card" onSubmit={submit}>
        <div className="brand">
          <Logo />
          <span>
            Portcullis
            <small>{isAdmin ? 'For those who run it' : 'For clients'}</small>
          </span>
        </div>
        <h1>Log in</h1>
        {wasLost && !action.problem && <Note>Your session has ended. Log in to go on where you were.</Note>}
        <ProblemNote problem={action.problem} />
        <Field label="E-mail address">
          {(props) => <input {...props} className="input" type="email" name="email" autoComplete="username" autoFocus required value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <Field label="Password">
          {(props) => <input {...props} className="input" type="password" name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />}
        </Field>
        <button className="button primary" type="submit" disabled={action.isRunning}>
          {action.isRunning ? 'Checking…' : 'Log in'}
        </button>
        <p className="muted small">
          {isAdmin ? (
            <>
              No password yet? On the server, <code>portcullis admin create --email you@example.com</code> sets one.
            </>
          ) : (
            <>No password yet? {mayRegister ? <Link href={REGISTER}>Get a free API key</Link> : 'Whoever runs this installation gives you one.'}</>
          )}
        </p>
      </form>
    </main>
  );
}
