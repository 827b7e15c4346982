/** The `format` file: that this is a store of ours, in which format, and its id. Written first, read first. */
import { column, layout } from "../codec/layout.ts";
import { fixedBytes, u16 } from "../codec/field.ts";
import { bytesEqual, bytesToHex, utf8Encode } from "../base/bytes.ts";
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
    // Torn while it was made, before anything else was: made again.
    if (
      bytes.length < magic.length + 2 + storeIdBytes &&
      bytesEqual(bytes.subarray(0, magic.length), magic.subarray(0, bytes.length))
    ) {
      const storeId = random.bytes(storeIdBytes);
      file.writeAt(formatLayout.encode({ magic, format: storeFormat, storeId }), 0);
      return ok(bytesToHex(storeId));
    }
    if (!bytesEqual(bytes.subarray(0, magic.length), magic)) return fail("store_not_ours", { detail: "format" });
    const format = new DataView(bytes.buffer).getUint16(magic.length);
    if (format > storeFormat) return fail("store_newer", { detail: `format ${format}` });
    const decoded = formatLayout.decode(bytes);
    return decoded.ok ? ok(bytesToHex(decoded.value.storeId)) : decoded;
  } finally {
    file.close();
  }
}
