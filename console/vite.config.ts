import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SITE = 'dist/site';

/** Writes each text file once more as .br and .gz, for the server to send as it is. */
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(SITE, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(entry)) continue;
        const path = join(SITE, entry);
        const content = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(content));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig(({ command }) => ({
  // While developing, the pages are at their own addresses.
  base: command === 'build' ? '/console/' : '/',
  plugins: [react(), compress()],
  build: { outDir: SITE, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/v1', '/console/session', '/healthz', '/readyz', '/metrics', '/openapi.json', '/docs'].map((path) => [
        path,
        process.env.PORTCULLIS_URL ?? 'http://127.0.0.1:8080',
      ]),
    ),
  },
}));
