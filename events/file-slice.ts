/**
 * `file_slice`: 450 bytes of a file, sealed, in exactly 512 bytes. Unsigned: its tag, its window's leaf and the root
 * hash in the signed descriptor vouch for it. What is equal for all slices of a file is kept once; this module rebuilds
 * the canonical event, to the byte, when somebody asks for it.
 */
import { column, layout, type ValueOf } from "../core/codec/layout.ts";
import { constant, fileIdField, fixedBytes, u32 } from "../core/codec/field.ts";
import { concatBytes } from "../core/base/bytes.ts";
import { fail, type Result } from "../core/base/result.ts";
import type { FileId, SliceNumber } from "../core/base/ids.ts";
import { nonceBytes, sealedSliceBytes, sliceBytes, tagBytes } from "../core/limits.ts";

export const fileSliceType = 0x03;

export const fileSliceLayout = layout("file_slice", "event_malformed", {
  version: column(constant(1), "format"),
  type: column(constant(fileSliceType), "file_slice"),
  fileId: column(fileIdField, "the file"),
  sliceNumber: column(u32, "position in the file, from 0"),
  nonce: column(fixedBytes(nonceBytes), "nonce prefix and slice number"),
  ciphertext: column(fixedBytes(sliceBytes), "XChaCha20-Poly1305 of the slice, the last one padded with zeros"),
  tag: column(fixedBytes(tagBytes), "Poly1305"),
});

export type FileSlice = ValueOf<typeof fileSliceLayout>;

/** 24 bytes: prefix and slice number as u32, big-endian. */
export function sliceNonce(noncePrefix: Uint8Array, slice: SliceNumber): Uint8Array {
  const nonce = concatBytes(noncePrefix, new Uint8Array(4));
  new DataView(nonce.buffer).setUint32(noncePrefix.length, slice);
  return nonce;
}

/** The canonical 512 bytes of a sealed slice. */
export function encodeFileSlice(
  fileId: FileId,
  noncePrefix: Uint8Array,
  slice: SliceNumber,
  sealed: Uint8Array,
): Uint8Array {
  return fileSliceLayout.encode({
    version: 1,
    type: fileSliceType,
    fileId,
    sliceNumber: slice,
    nonce: sliceNonce(noncePrefix, slice),
    ciphertext: sealed.subarray(0, sliceBytes),
    tag: sealed.subarray(sliceBytes, sealedSliceBytes),
  });
}

export function decodeFileSlice(bytes: Uint8Array): Result<FileSlice> {
  const decoded = fileSliceLayout.decode(bytes);
  if (!decoded.ok) return decoded;
  const suffix = new DataView(decoded.value.nonce.buffer, decoded.value.nonce.byteOffset).getUint32(nonceBytes - 4);
  if (suffix !== decoded.value.sliceNumber) return fail("event_malformed", { detail: "file_slice.nonce" });
  return decoded;
}
