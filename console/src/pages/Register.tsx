// Making an account: a free API key at once, which is shown this once.

import { useEffect, useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../api';
import { Logo } from '../components/icons';
import { PasswordField } from '../components/UserFields';
import { Button, Field, Note, ProblemNote, Sample } from '../components/ui';
import { useAction } from '../data';
import { Link, navigate } from '../router';
import { useSession } from '../session';

export function Register(): ReactElement {
  const { logIn, mayRegister } = useSession();
  const [draft, setDraft] = useState({ companyName: '', email: '', password: '' });
  const [key, setKey] = useState<string>();
  useEffect(() => {
    document.title = 'Get a free API key · Portcullis';
  }, []);
  const make = useAction(async () => {
    const answer = await request<{ apiKey: string }>('POST', '/v1/auth/register', { ...draft, email: draft.email.trim() });
    setKey(answer.apiKey);
  });
  const enter = useAction(async () => {
    await logIn(draft.email.trim(), draft.password);
    navigate('/client-admin/api-keys', { replace: true });
  });
  const text = (name: 'companyName' | 'email', label: string, type: string, complete: string) => (
    <Field label={label}>
      {(props) => <input {...props} className="input" type={type} autoComplete={complete} autoFocus={name === 'companyName'} required value={draft[name]} onChange={(event) => setDraft({ ...draft, [name]: event.target.value })} />}
    </Field>
  );
  return (
    <main className="door">
      <form className="card" onSubmit={(event: FormEvent) => (event.preventDefault(), void (key ? enter.run() : make.run()))}>
        <div className="brand">
          <Logo />
          <span>
            Portcullis
            <small>For clients</small>
          </span>
        </div>
        {key ? (
          <>
            <h1>Your API key</h1>
            <Note kind="good">It works now, on test data. It is shown this once: put it where your secrets are kept.</Note>
            <div data-testid="first-key"><Sample text={key} label="Copy key" /></div>
            <ProblemNote problem={enter.problem} />
            <button className="button primary" type="submit" disabled={enter.isRunning}>I have it, go to my console</button>
          </>
        ) : (
          <>
            <h1>Get a free API key</h1>
            {!mayRegister && <Note>On this installation, the operator makes the accounts.</Note>}
            <ProblemNote problem={make.problem} />
            {text('companyName', 'Company', 'text', 'organization')}
            {text('email', 'E-mail address', 'email', 'username')}
            <PasswordField value={draft.password} onChange={(password) => setDraft({ ...draft, password })} wrong={undefined} />
            <Button kind="primary" type="submit" disabled={make.isRunning || !mayRegister}>{make.isRunning ? 'Making the account…' : 'Get the key'}</Button>
            <p className="muted small">You have an account? <Link href="/client-admin">Log in</Link></p>
          </>
        )}
      </form>
    </main>
  );
}
