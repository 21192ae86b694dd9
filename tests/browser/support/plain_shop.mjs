// A shop whose form is sent by the browser itself, without a script of the shop's own but two lines, under a strict policy.
// Its script comes straight from Portcullis.

import { once } from 'node:events';
import { createServer } from 'node:http';

const ATTACH = `Portcullis.attachToForm(document.querySelector('form'), { consent: true, onError: (e) => console.warn(String(e)) });`;

// `attach` is the page's own script.
export async function startPlainShop({ url, key, attach = ATTACH }) {
  const posted = [];
  const policy = `default-src 'none'; script-src 'self' ${url}; form-action 'self'; base-uri 'none'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'`;
  const page = `<!doctype html><html lang="en"><title>Sign up</title><link rel="icon" href="data:,">
    <script src="${url}/assets/form.js" defer></script><script src="/attach.js" defer></script>
    <form data-action method="post" action="/signup"><input name="email" aria-label="E-mail"><input name="password" type="password" aria-label="Password"><button>Sign up</button></form>`;

  const signup = async (request) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { email, fraudSignals } = Object.fromEntries(new URLSearchParams(body));
    const signals = fraudSignals && JSON.parse(fraudSignals);
    posted.push({ email, signals });
    const response = await fetch(`${url}/api/v1/events/ingest`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ type: 'SIGNUP', email, externalUserId: email, ip: '127.0.0.1', ...signals }),
    });
    return { status: response.status, json: await response.json(), signals };
  };

  const server = createServer(async (request, response) => {
    response.setHeader('Content-Security-Policy', policy);
    if (request.method === 'POST') {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(await signup(request)));
    } else if (request.url === '/attach.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(attach);
    } else {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(page);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, posted, stop };
}
