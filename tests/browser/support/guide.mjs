// Reads a guide: its code blocks, and the comments around them that say how they are tested.
//
//     <!-- run -->          the sh block below is run
//     <!-- expect: TEXT --> what the sh block above printed has TEXT in it
//     <!-- same -->         the json block below is what the sh block above printed, but for ids and times
//     <!-- file: PATH -->   the block below is that file

import { spawnSync } from 'node:child_process';

// Gives blocks of { line, lang, text, how, path, expected }, in order.
export function readGuide(markdown) {
  const blocks = [];
  const pattern = /<!-- (run|same|expect|file)(?:: ([^]*?))? -->|^```(\w+)\n([^]*?)^```$/gm;
  let mark;
  for (const { index, 1: how, 2: value, 3: lang, 4: text } of markdown.matchAll(pattern)) {
    if (how === 'expect') {
      blocks.at(-1).expected.push(value);
    } else if (how) {
      mark = { how, path: value };
    } else {
      blocks.push({ line: markdown.slice(0, index).split('\n').length, lang, text, expected: [], ...mark });
      mark = undefined;
    }
  }
  return blocks;
}

// Runs all sh blocks in one shell, as a reader does, and gives what each printed. Ends at the first that fails.
export function runBlocks(blocks, { cwd, env }) {
  const between = '<<next block>>';
  const script = blocks.map(({ text }) => `${text}\nprintf '%s' '${between}'\n`).join('');
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  const printed = stdout.split(between);
  if (status !== 0) {
    const { line } = blocks[printed.length - 1];
    throw new Error(`the block at line ${line} failed (${status}):\n${printed.at(-1)}\n${stderr}`);
  }
  return printed.slice(0, -1);
}

// A JSON value without what differs from run to run.
export function steady(value) {
  const differs = /^(eventId|requestId|deviceHash|normalizedHash|firstSeenAt)$/;
  return JSON.parse(JSON.stringify(value, (key, item) => (differs.test(key) && item !== null ? typeof item : item)));
}

// The rows of the first table below a heading, as arrays of cells without their backquotes.
export function readTable(markdown, heading) {
  const section = markdown.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')));
}
