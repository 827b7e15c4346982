/**
 * The messages between two peers that share a group: one layout table each. They travel inside an authenticated channel,
 * are never logged, and any of them may be lost, doubled or late without harm.
 *
 *   asker                                   answerer
 *     hello, hello                            both, once, first
 *     sync (window, filter)          →        events …, sync_reply
 *     sync_file_leaves               →        file_leaves …
 *     sync_file (windows, filter)    →        slices …, sync_file_reply
 *     sync_file_stop                 →        sync_file_reply for what was still to be answered
 *                                    ←        refused (code), for whatever cannot be answered
 *     events                         →        at any time: something new
 */
import { column, layout, type Layout, type LayoutValue } from "../codec/layout.ts";
import {
  constant,
  countedBytes,
  fileIdField,
  fixedBytes,
  list,
  rangeField,
  restBytes,
  u16,
  u32,
  u64,
  u8,
} from "../codec/field.ts";
import type { ErrorCode } from "../errors.ts";
import { fail, ok, type Result } from "../base/result.ts";
import {
  eventBytesMax,
  filterBytesMax,
  hashBytes,
  leavesBatchMax,
  messageBytesMax,
  noncePrefixBytes,
  sliceBatchMax,
} from "../limits.ts";

export const protocolVersion = 1;

const filter = countedBytes(u16, filterBytesMax);
const malformed = "message_malformed";

/** Events in one message: as many of the largest as fit. */
export const eventsBatchMax = 50;

export const messageLayouts = {
  hello: layout("hello", malformed, {
    type: column(constant(0x10), "hello"),
    version: column(u8, "of the protocol; 1"),
    groupTag: column(fixedBytes(16), "BLAKE2b-128 of the app's name for the group; another one ends the connection"),
  }),
  sync: layout("sync", malformed, {
    type: column(constant(0x11), "sync"),
    window: column(u16, "events whose id falls into this part of the id space"),
    windowCount: column(u16, "how many parts; a power of two"),
    round: column(u32, "drawn anew for each request; salts the filter"),
    filter: column(filter, "bloom filter of the event ids that the asker has there; empty = it has none"),
  }),
  events: layout("events", malformed, {
    type: column(constant(0x12), "events"),
    events: column(
      list(countedBytes(u16, eventBytesMax), eventsBatchMax),
      "canonical bytes of events that are no slices",
    ),
  }),
  sync_reply: layout("sync_reply", malformed, {
    type: column(constant(0x13), "sync_reply"),
    window: column(u16, "as asked"),
    windowCount: column(u16, "as asked"),
    round: column(u32, "as asked"),
    held: column(u32, "events that the answerer has there"),
    sent: column(u32, "how many of them it sent"),
  }),
  sync_file: layout("sync_file", malformed, {
    type: column(constant(0x14), "sync_file"),
    fileId: column(fileIdField, "the file"),
    window: column(u16, "the first window"),
    windows: column(
      u16,
      "how many, from that one on; several only with an empty filter, and wholly: the limit is at least their slices, 2,250 at most",
    ),
    windowCount: column(u16, "of the file, as the asker computes it; must agree"),
    round: column(u32, "drawn anew for each request; salts the filter"),
    limit: column(u32, "slices that the answer may hold at most"),
    frameBytes: column(u32, "how long frames with the answer should be; the asker knows what its path takes"),
    filter: column(filter, "bloom filter of the slices that the asker holds of the window; empty = none"),
  }),
  sync_file_leaves: layout("sync_file_leaves", malformed, {
    type: column(constant(0x15), "sync_file_leaves"),
    fileId: column(fileIdField, "the file"),
    first: column(u16, "first leaf wanted; all from there on are sent"),
  }),
  file_leaves: layout("file_leaves", malformed, {
    type: column(constant(0x16), "file_leaves"),
    fileId: column(fileIdField, "the file"),
    fileBytes: column(u64, "length of the plaintext; the file id vouches for it"),
    noncePrefix: column(fixedBytes(noncePrefixBytes), "of every slice; the file id vouches for it"),
    keyCommitment: column(fixedBytes(hashBytes), "keyed BLAKE2b-256 of the file key; the file id vouches for it"),
    first: column(u16, "number of the first leaf here"),
    leaves: column(countedBytes(u16, leavesBatchMax * hashBytes), "32 bytes a window"),
  }),
  slices: layout("slices", malformed, {
    type: column(constant(0x17), "slices"),
    fileId: column(fileIdField, "the file"),
    window: column(u16, "the first window of the request"),
    round: column(u32, "of the request that it answers"),
    runs: column(list(rangeField, sliceBatchMax), "runs of slice numbers, ascending"),
    sealed: column(restBytes, "466 bytes a slice: ciphertext and tag"),
  }),
  sync_file_reply: layout("sync_file_reply", malformed, {
    type: column(constant(0x18), "sync_file_reply"),
    fileId: column(fileIdField, "the file"),
    window: column(u16, "the first window of the request"),
    round: column(u32, "of the request that it ends"),
    held: column(u32, "slices of the windows asked for that the answerer can vouch for"),
    sent: column(u32, "how many of them it sent"),
  }),
  sync_file_stop: layout("sync_file_stop", malformed, {
    type: column(constant(0x19), "sync_file_stop"),
    fileId: column(fileIdField, "nothing more of it is wanted now"),
  }),
  refused: layout("refused", malformed, {
    type: column(constant(0x1a), "refused"),
    about: column(u8, "type of the message that is refused"),
    code: column(u16, "why; table below"),
    fileId: column(fileIdField, "the file that it was about; zeros = none"),
    window: column(u16, "the window that it was about"),
    round: column(u32, "the round that it was about"),
  }),
} as const;

type Layouts = typeof messageLayouts;
export type MessageName = keyof Layouts;
type Fields<Name extends MessageName> = Layouts[Name] extends Layout<infer C> ? Omit<LayoutValue<C>, "type"> : never;
export type MessageOf<Name extends MessageName> = Fields<Name> & { readonly name: Name };
export type Message = { [Name in MessageName]: MessageOf<Name> }[MessageName];

/** 0x10 hello and onwards, in the order of the tables. */
export const messageTypes: Readonly<Record<MessageName, number>> = {
  hello: 0x10,
  sync: 0x11,
  events: 0x12,
  sync_reply: 0x13,
  sync_file: 0x14,
  sync_file_leaves: 0x15,
  file_leaves: 0x16,
  slices: 0x17,
  sync_file_reply: 0x18,
  sync_file_stop: 0x19,
  refused: 0x1a,
};

const nameOfType: (MessageName | undefined)[] = [];
for (const [name, type] of Object.entries(messageTypes)) nameOfType[type] = name as MessageName;

export function encodeMessage<Name extends MessageName>(name: Name, fields: Fields<Name>): Uint8Array {
  // The type is a constant of the layout: whatever the value says, or does not say, it is written.
  return (messageLayouts[name] as unknown as Layout<{}>).encode(fields);
}

export function decodeMessage(bytes: Uint8Array): Result<Message> {
  if (bytes.length > messageBytesMax) return fail("message_too_large", { detail: `${bytes.length} bytes` });
  if (bytes.length === 0) return fail("message_malformed", { detail: "empty" });
  const name = nameOfType[bytes[0] as number];
  if (name === undefined) return fail("message_type_unknown", { detail: `type ${bytes[0]}` });
  const decoded = (messageLayouts[name] as unknown as Layout<{}>).decode(bytes);
  return decoded.ok ? ok(Object.assign(decoded.value, { name }) as Message) : decoded;
}

/** The codes that travel in `refused`; their numbers never change. */
export const refusalCodes = {
  message_malformed: 1,
  message_type_unknown: 2,
  message_too_large: 3,
  version_unknown: 4,
  not_member: 5,
  not_held: 6,
  not_wanted: 7,
  window_mismatch: 8,
  filter_size_invalid: 9,
  too_many_requests: 10,
  slice_out_of_range: 11,
  slice_tag_invalid: 12,
  leaf_mismatch: 13,
  leaves_mismatch: 14,
  event_malformed: 16,
  event_type_unknown: 17,
  event_version_unknown: 18,
  event_too_large: 19,
  event_local: 20,
  event_expired: 21,
  event_from_future: 22,
  signature_invalid: 23,
  author_unknown: 24,
  payload_tag_invalid: 25,
  descriptor_inconsistent: 26,
  group_mismatch: 27,
} as const satisfies Partial<Record<ErrorCode, number>>;

const codeOfNumber = new Map<number, ErrorCode>(
  Object.entries(refusalCodes).map(([code, n]) => [n, code as ErrorCode]),
);

export const refusalNumber = (code: ErrorCode): number =>
  (refusalCodes as Partial<Record<ErrorCode, number>>)[code] ?? 0;

/** A number that this version does not know is a refusal all the same. */
export const refusalCode = (n: number): ErrorCode => codeOfNumber.get(n) ?? "message_malformed";
