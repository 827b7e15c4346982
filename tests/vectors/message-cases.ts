/** Every message once or twice, with fixed fields: what tests/vectors/messages.json holds. */
import type { FileId } from "../../core/base/ids.ts";
import type { Column } from "../../core/codec/layout.ts";
import { encodeMessage, messageLayouts, messageTypes, type MessageName } from "../../core/sync/messages.ts";
import { counting } from "./event-cases.ts";
import { goldenColumns, type GoldenCase } from "./golden.ts";

const file = { fileId: "00112233445566778899aabbccddeeff" as FileId };
const round = 0xdeadbeef;
const proof = { fileBytes: 2000, noncePrefix: counting(0x60, 20), keyCommitment: counting(0xc0, 32) };

type AnyFields = Parameters<typeof encodeMessage>[1];

/** [name of the case, message, fields] */
const samples: readonly (readonly [string, MessageName, object])[] = [
  ["hello", "hello", { version: 1, groupTag: counting(0xf0, 16) }],
  ["sync: of everything, nothing known", "sync", { window: 0, windowCount: 1, round, filter: new Uint8Array(0) }],
  ["sync: with a filter", "sync", { window: 3, windowCount: 4, round, filter: counting(1, 64) }],
  ["events: two", "events", { events: [counting(0x10, 5), counting(0x20, 3)] }],
  ["sync_reply", "sync_reply", { window: 3, windowCount: 4, round, held: 70, sent: 2 }],
  ["sync_file: nothing held", "sync_file", { ...file, window: 2, windows: 1, windowCount: 128, round, limit: 92, frameBytes: 69_632, filter: new Uint8Array(0) }],
  ["sync_file: several windows", "sync_file", { ...file, window: 2, windows: 5, windowCount: 128, round, limit: 460, frameBytes: 262_144, filter: new Uint8Array(0) }],
  ["sync_file: with a filter", "sync_file", { ...file, window: 2, windows: 1, windowCount: 128, round, limit: 92, frameBytes: 69_632, filter: counting(1, 88) }],
  ["sync_file_leaves", "sync_file_leaves", { ...file, first: 1024 }],
  ["file_leaves: one leaf", "file_leaves", { ...file, ...proof, first: 0, leaves: counting(0xa0, 32) }],
  ["slices: two runs", "slices", { ...file, window: 2, round, runs: [{ start: 184, count: 1 }, { start: 190, count: 2 }], sealed: counting(0, 3 * 466) }],
  ["sync_file_reply", "sync_file_reply", { ...file, window: 2, round, held: 92, sent: 3 }],
  ["sync_file_stop", "sync_file_stop", file],
  ["refused: not held", "refused", { about: 0x14, code: 6, ...file, window: 2, round }],
];

/** Crypto has to be ready. */
export function messageCases(): GoldenCase[] {
  return samples.map(([name, message, fields]) => {
    const columns = messageLayouts[message].columns as Readonly<Record<string, Column<unknown>>>;
    const value = { ...fields, type: messageTypes[message] };
    return { name, fields: goldenColumns("wire", columns, value, encodeMessage(message, fields as AnyFields)) };
  });
}

export const messageOfCase = (name: string): MessageName => {
  const sample = samples.find(([each]) => each === name);
  if (sample === undefined) throw new Error(`no case ${name}`);
  return sample[1];
};
