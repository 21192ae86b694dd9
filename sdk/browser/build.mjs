// Builds what is shipped into dist/:
//
//     form.js                one script for a page, `Portcullis` in it; the server serves this file, so it is committed
//     index.js, index.cjs    the same for bundlers, with types/
//
//     node build.mjs           builds all of it
//     node build.mjs --check   builds nothing, and fails when the committed script is not what the sources make

import { execFileSync } from 'node:child_process';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

// What a page may cost: bytes of the script, compressed with gzip.
const BUDGET_BYTES = 6 * 1024;

const root = new URL('./', import.meta.url);
const dist = new URL('dist/', root);

const SHARED = {
  absWorkingDir: root.pathname,
  entryPoints: ['src/index.ts'],
  bundle: true,
  target: 'es2020',
  charset: 'utf8',
  write: false,
};

async function script() {
  const banner = '/* Portcullis form signals. Apache-2.0. Collects only with consent; sends nothing. */';
  const made = await build({ ...SHARED, format: 'iife', globalName: 'Portcullis', minify: true, banner: { js: banner } });
  const [{ contents }] = made.outputFiles;
  const bytes = gzipSync(contents, { level: 9 }).length;
  if (bytes > BUDGET_BYTES) throw new Error(`form.js is ${bytes} bytes compressed, over its budget of ${BUDGET_BYTES}`);
  console.log(`form.js: ${contents.length} bytes, ${bytes} compressed, budget ${BUDGET_BYTES}`);
  return contents;
}

async function modules() {
  for (const [format, name] of [['esm', 'index.js'], ['cjs', 'index.cjs']]) {
    await build({ ...SHARED, format, write: true, outfile: new URL(name, dist).pathname });
  }
}

// Declarations name their neighbors' sources; who uses them has .js or .cjs files beside them instead.
async function types() {
  const folder = new URL('types/', dist);
  await rm(folder, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const text = await readFile(new URL(name, folder), 'utf8');
    const naming = (extension) => text.replaceAll(/(from ')(\.[^']+)\.ts'/g, `$1$2.${extension}'`);
    await writeFile(new URL(name, folder), naming('js'));
    await writeFile(new URL(name.replace(/\.d\.ts$/, '.d.cts'), folder), naming('cjs'));
  }
}

const made = Buffer.from(await script());
if (process.argv.includes('--check')) {
  const committed = await readFile(new URL('form.js', dist));
  if (!committed.equals(made)) throw new Error('dist/form.js is not what the sources make: run `npm run build`, and commit it');
} else {
  await modules();
  await types();
  await writeFile(new URL('form.js', dist), made);
}
