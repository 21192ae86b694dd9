// SHA-256 (FIPS 180-4). The browser's own is asynchronous and absent on pages without https; a form that is being sent
// waits for nobody.

const ROOTS = fractionsOfRoots();

// The first 128 bits, as 32 hexadecimal digits.
export function digest(text: string): string {
  return sha256(text).slice(0, 32);
}

// All 256 bits, as 64 hexadecimal digits.
export function sha256(text: string): string {
  const words = padded(new TextEncoder().encode(text));
  const state = ROOTS.square.slice(0, 8);
  const schedule = new Uint32Array(64);
  for (let block = 0; block < words.length; block += 16) compress(state, schedule, words.subarray(block, block + 16));
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}

function padded(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array((((bytes.length + 8) >> 6) + 1) * 16);
  bytes.forEach((byte, index) => (words[index >> 2]! |= byte << (24 - (index & 3) * 8)));
  words[bytes.length >> 2]! |= 0x80 << (24 - (bytes.length & 3) * 8);
  words[words.length - 2] = Math.floor(bytes.length / 2 ** 29);
  words[words.length - 1] = bytes.length << 3;
  return words;
}

function compress(state: Uint32Array, schedule: Uint32Array, block: Uint32Array): void {
  schedule.set(block);
  for (let i = 16; i < 64; i++) {
    const early = schedule[i - 15]!;
    const late = schedule[i - 2]!;
    const s0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const s1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    schedule[i] = schedule[i - 16]! + s0 + schedule[i - 7]! + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROOTS.cube[i]! + schedule[i]!) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (state[index]! += word));
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

// The constants: the first 32 bits of the fractions of the square and cube roots of the first 64 primes.
function fractionsOfRoots(): { square: Uint32Array; cube: Uint32Array } {
  const primes: number[] = [];
  for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  const fractions = (power: number) => Uint32Array.from(primes, (prime) => (prime ** power % 1) * 2 ** 32);
  return { square: fractions(1 / 2), cube: fractions(1 / 3) };
}
