// Made-up pictures: the same seed gives the same PNG, another one gives another picture.

import { deflateSync } from 'node:zlib';

const [WIDTH, HEIGHT] = [160, 100];

// A PNG of gray squares, in Base64.
export function picture(seed) {
  const gray = (x, y) => ((37 + seed) * x * x + 91 * y + (53 + 7 * seed) * x * y) % 240;
  const row = (y) => [0, ...Array.from({ length: WIDTH }, (_, x) => gray(Math.floor(x / 20), Math.floor(y / 20)))];
  const rows = Buffer.from(Array.from({ length: HEIGHT }, (_, y) => row(y)).flat());
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header[8] = 8; // Bits of gray.
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]).toString('base64');
}

function chunk(kind, data) {
  const named = Buffer.concat([Buffer.from(kind), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

// zlib.crc32 came after Node 20.
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
