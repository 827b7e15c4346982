/** Small operations on bytes that the standard library lacks. Nothing here copies unless its name says so. */
import { releaseBytesMin } from "../limits.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hexDigits = encoder.encode("0123456789abcdef");
/** What each character code stands for in hex; 255: nothing. */
const hexValues = new Uint8Array(256).fill(255);
hexDigits.forEach((code, value) => (hexValues[code] = value));

export const emptyBytes: Uint8Array = new Uint8Array(0);

/** Through one array and not by joining strings: ids are made by the hundred thousand, and joined ones stay in pieces. */
export function bytesToHex(bytes: Uint8Array): string {
  const hex = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    hex[2 * i] = hexDigits[byte >>> 4] as number;
    hex[2 * i + 1] = hexDigits[byte & 15] as number;
  }
  return decoder.decode(hex);
}

/** The bytes of a lower-case hex string; undefined when it is not one. */
export function hexToBytes(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexValues[hex.charCodeAt(2 * i)] ?? 255;
    const low = hexValues[hex.charCodeAt(2 * i + 1)] ?? 255;
    if (high > 15 || low > 15) return undefined;
    bytes[i] = 16 * high + low;
  }
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Not for secrets: it stops at the first difference. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function isAllZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

export function utf8Encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Undefined when the bytes are not well-formed UTF-8. */
export function utf8Decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Gives back the memory of bytes that nobody will touch again, when they are all that is in it: a collector leaves tens
 * of megabytes of used buffers lying about before it looks for them, and looks through everything each time it does.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.length < releaseBytesMin || bytes.length !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  nowhere ??= closedPort();
  nowhere.postMessage(undefined, [buffer]);
}

/** What is sent to a closed port is taken from the sender and thrown away at once. A clone would keep the memory. */
let nowhere: MessagePort | undefined;

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.close();
  return port1;
}
