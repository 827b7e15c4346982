/** Randomness comes in from outside: `crypto.getRandomValues` in the host, a seeded twin in the simulator. */

export interface Random {
  /** That many unpredictable bytes, freshly allocated. */
  bytes(count: number): Uint8Array;
  /** A whole number from 0 to 2³² - 1. */
  u32(): number;
}

/** getRandomValues gives at most 65,536 bytes a call (Web Crypto, section 10.1.1). */
const systemChunkBytes = 65_536;

/** The platform's generator, drawn in bulk: a call a number costs as much as a call a thousand numbers. */
export function systemRandom(): Random {
  const pool = new Uint32Array(256);
  let used = pool.length;
  return {
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += systemChunkBytes) {
        globalThis.crypto.getRandomValues(bytes.subarray(at, Math.min(count, at + systemChunkBytes)));
      }
      return bytes;
    },
    u32() {
      if (used === pool.length) {
        globalThis.crypto.getRandomValues(pool);
        used = 0;
      }
      return pool[used++] as number;
    },
  };
}

/**
 * The seeded twin: the same seed gives the same numbers for ever. xoshiro128** (Blackman and Vigna, 2018), seeded
 * through splitmix32. For tests and simulations only; its output is predictable.
 */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let d = splitmix();
  const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
  const u32 = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result;
  };
  return {
    u32,
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i++) bytes[i] = u32() & 0xff;
      return bytes;
    },
  };
}
