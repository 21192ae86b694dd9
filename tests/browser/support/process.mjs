// Child processes that a test starts and ends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Starts a program. `seen(pattern)` waits until its output matches; `stop()` ends it.
export function start(command, args, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const waiting = new Set();
  const check = () => waiting.forEach((look) => look());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      check();
    });
  }
  child.on('exit', check);
  child.on('error', (error) => {
    output += error;
    check();
  });

  const seen = (pattern, withinMs = 20_000) =>
    new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${command} ${why} ${pattern}:\n${output}`));
      const timer = setTimeout(() => finish(() => fail('did not say in time')), withinMs);
      const finish = (then) => {
        clearTimeout(timer);
        waiting.delete(look);
        then();
      };
      const look = () => {
        const match = output.match(pattern);
        if (match) finish(() => resolve(match));
        else if (child.exitCode !== null || child.signalCode) finish(() => fail('ended without saying'));
      };
      waiting.add(look);
      look();
    });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode) return child.exitCode;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    return code;
  };
  return { child, seen, stop, output: () => output };
}

// A port of the loopback address on which nothing listens.
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
