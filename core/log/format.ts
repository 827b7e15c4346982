/** The `format` file: that this is a store of ours, in which format, and its id. Written first, read first. */
import { column, layout } from "../codec/layout.ts";
import { fixedBytes, u16 } from "../codec/field.ts";
import { bytesEqual, bytesToHex, isAllZero, utf8Encode } from "../base/bytes.ts";
import { assert } from "../base/assert.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Random } from "../base/random.ts";
import type { Storage } from "../base/storage.ts";

export const storeFormat = 1;
const magic = utf8Encode("focused-file-sync store\n");
const storeIdBytes = 16;

export const formatLayout = layout("format", "store_not_ours", {
  magic: column(fixedBytes(magic.length), "focused-file-sync store and a line feed"),
  format: column(u16, "1"),
  storeId: column(fixedBytes(storeIdBytes), "random, drawn when the store was made"),
});

/** Checks what is there, or makes a new store; its id as hex. */
export function openFormat(storage: Storage, random: Random): Result<string> {
  const file = storage.open("format", { create: true });
  assert(file !== undefined, "the format file is made");
  const bytes = new Uint8Array(Math.min(file.size(), 1024));
  file.readAt(bytes, 0);
  try {
    const magicThere = bytes.subarray(0, magic.length);
    // Zeros are what a file that lost its power has in place of bytes.
    if (!magicThere.every((byte, i) => byte === magic[i] || byte === 0))
      return fail("store_not_ours", { detail: "format" });
    if (isTorn(bytes)) {
      const storeId = random.bytes(storeIdBytes);
      file.writeAt(formatLayout.encode({ magic, format: storeFormat, storeId }), 0);
      return ok(bytesToHex(storeId));
    }
    const format = new DataView(bytes.buffer).getUint16(magic.length);
    if (format > storeFormat) return fail("store_newer", { detail: `format ${format}` });
    const decoded = formatLayout.decode(bytes);
    return decoded.ok ? ok(bytesToHex(decoded.value.storeId)) : decoded;
  } finally {
    file.close();
  }
}

/** Torn while it was made, before anything was acknowledged: made again. */
function isTorn(bytes: Uint8Array): boolean {
  const formatEnd = magic.length + 2;
  if (bytes.length < formatEnd + storeIdBytes) return true;
  const isMagic = bytesEqual(bytes.subarray(0, magic.length), magic);
  return !isMagic || isAllZero(bytes.subarray(magic.length, formatEnd));
}
