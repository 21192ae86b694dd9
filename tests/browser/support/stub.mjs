// A Portcullis that answers what a test tells it to, and remembers what it was asked.

import { once } from 'node:events';
import { createServer } from 'node:http';

// `reply(request)` gives { status, json } or { text }; undefined for no answer at all.
export async function startStub(reply) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const asked = { path: request.url, key: request.headers['x-api-key'], text, json: JSON.parse(text) };
    requests.push(asked);
    const told = reply(asked);
    if (!told) return;
    response.writeHead(told.status ?? 200, { 'Content-Type': 'application/json' });
    response.end(told.text ?? JSON.stringify(told.json));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, requests, stop };
}
