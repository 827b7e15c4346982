/** Files to attach: bytes that differ from slice to slice and repeat from run to run. Cheap enough for 50 MiB. */

const period = 65_521; // a prime: no two slices of a file begin alike for long

export function contentOf(fileBytes: number, seed = 1): Uint8Array {
  const pattern = new Uint8Array(Math.min(fileBytes, period));
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let i = 0; i < pattern.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    pattern[i] = state;
  }
  const bytes = new Uint8Array(fileBytes);
  for (let at = 0; at < fileBytes; at += period) bytes.set(pattern.subarray(0, Math.min(period, fileBytes - at)), at);
  // Each stretch differs from the others by its place.
  for (let at = 0; at < fileBytes; at += 300) bytes[at] = (bytes[at] as number) ^ (at / 300);
  return bytes;
}
