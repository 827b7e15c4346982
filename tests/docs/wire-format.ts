/** docs/WIRE_FORMAT.md: every byte on the wire and in the store, from the tables that the code itself runs on. */
import { handshakeLayouts } from "../../core/channel/index.ts";
import * as limits from "../../core/limits.ts";
import { cacheLayout } from "../../core/log/cache.ts";
import { formatLayout } from "../../core/log/format.ts";
import { leavesFileLayout } from "../../core/log/slice-store.ts";
import { messageLayouts, messageTypes, protocolVersion, refusalCodes } from "../../core/sync/messages.ts";
import { errorTable } from "../../core/errors.ts";
import { envelopeLayout, eventTypes, fileSliceLayout, sealedPayloadLayout } from "../../events/index.ts";
import { localTypeMin } from "../../events/envelope.ts";
import { fileSliceType } from "../../events/file-slice.ts";
import { messageAttachmentType } from "../../events/message-attachment.ts";
import { fixedLayoutBytes, layoutTable, type AnyLayout } from "./layout-table.ts";
import { code, grouped, hex, table } from "./markdown.ts";

export interface SourceText {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function wireFormatPage(sources: readonly SourceText[]): string {
  return [
    intro,
    "## Hashes and their domains",
    domainsText,
    domainTable(sources),
    "## Events",
    eventsText,
    titled(envelopeLayout, "### Envelope"),
    "### Types",
    typeTable(),
    titled(sealedPayloadLayout, "### Sealed payload"),
    ...[...eventTypes].map(([type, { layout, name, local }]) => payloadSection(type, name, local, layout)),
    titled(fileSliceLayout, `### ${code("file_slice")}, type ${hex(fileSliceType)}`),
    sliceText,
    "## Messages",
    messagesText(),
    ...Object.values(messageLayouts).map((layout) => titled(layout, `### ${code(layout.name)}`)),
    "### Codes of `refused`",
    "The numbers never change. A number that a reader does not know is a refusal all the same.",
    refusalTable(),
    "## Channel",
    channelText,
    ...handshakeLayouts.map((layout) => titled(layout, `### ${layout.name}`)),
    "### frame, opened",
    frameText,
    "## Store",
    storeText,
    titled(formatLayout, "### `format`"),
    logText,
    titled(leavesFileLayout, "### `leaves/<file id>`"),
    titled(cacheLayout, "### `projections.cache`"),
    cacheText,
  ]
    .join("\n\n")
    .concat("\n");
}

const intro = `# Wire and store formats

Written by \`npm run docs:generate\` from the layout tables in the code; \`npm run docs:check\` fails when it is stale. What the
formats are for is in [FOCUSED_FILE_SYNC.md](../FOCUSED_FILE_SYNC.md).

All numbers are unsigned and big-endian. A \`u64\` above 2^53 - 1 is refused. "at" is the offset in bytes, "…" where a field before it has
no fixed size. Bytes left over after the last field are an error. Golden bytes for other implementations, with a remark for
each field, are in [tests/vectors](../tests/vectors).`;

const domainsText = `Every hash is BLAKE2b (RFC 7693) of 16, 32 or 64 bytes. What is hashed for one purpose never passes for another: the purpose, a text,
is the key of the keyed hash. Where a key is derived or a MAC is made, the secret is the key and the text comes first in the
message. \`<role>\` is \`initiator\` or \`responder\`.`;

/** Domains are literals in the code, so the code is asked. */
function domainTable(sources: readonly SourceText[]): string {
  const places = new Map<string, Set<string>>();
  for (const { path, text } of sources) {
    for (const match of text.matchAll(/["\`](focused-file-sync [a-z$][^"\`\\\n]*? \d)["\`]/g)) {
      const domain = (match[1] as string).replaceAll(/\$\{[^}]*role\}/g, "<role>");
      places.set(domain, (places.get(domain) ?? new Set()).add(path));
    }
  }
  const rows = [...places].sort(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ["domain", "used in"],
    rows.map(([domain, paths]) => [code(domain), [...paths].sort().map(code).join(", ")]),
  );
}

const eventsText = `An event is at most ${grouped(limits.eventBytesMax)} bytes. Its id is the hash of its bytes, 16 long, domain \`focused-file-sync event 1\`. Types from
${hex(localTypeMin)} on are local: they never leave the device that made them, and are refused (\`event_local\`) when they come from another.`;

function typeTable(): string {
  const rows = [...eventTypes].map(([type, { name, local }]) => [
    hex(type),
    code(name),
    local ? "local" : "shared",
    carrier(type),
  ]);
  rows.push([hex(fileSliceType), code("file_slice"), "shared", "unsigned, an event without envelope"]);
  return table(
    ["type", "name", "reach", "payload"],
    rows.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  );
}

const isSealed = (type: number): boolean => type === messageAttachmentType;
const carrier = (type: number): string => (isSealed(type) ? "sealed for the group" : "in the clear");

function payloadSection(type: number, name: string, local: boolean, layout: AnyLayout): string {
  const where = isSealed(type) ? "The payload, opened:" : "The payload:";
  return [`### ${code(name)}, type ${hex(type)}${local ? ", local" : ""}`, where, layoutTable(layout)].join("\n\n");
}

const sliceText = `The nonce is the file's nonce prefix and the slice number. In the store and on the wire a slice is its last ${limits.sealedSliceBytes} bytes, ciphertext and tag;
the rest is the same for all slices of a file or follows from the slice's place, and these ${limits.sliceEventBytes} bytes are rebuilt when somebody asks.`;

function messagesText(): string {
  return `Between two peers that share a group, inside a channel that has proved who they are. Protocol version ${protocolVersion}. The first byte is the type; a
message is at most ${grouped(limits.messageBytesMax)} bytes. Any message may be lost, doubled or late without harm.

${table(
  ["type", "message", "bytes"],
  Object.values(messageLayouts).map((layout) => [
    hex(messageTypes[layout.name as keyof typeof messageTypes]),
    code(layout.name),
    bytesText(layout),
  ]),
)}`;
}

const bytesText = (layout: AnyLayout): string => String(fixedLayoutBytes(layout) ?? "varies");

function refusalTable(): string {
  const rows = Object.entries(refusalCodes).sort(([, a], [, b]) => a - b);
  return table(
    ["code", "name", "meaning"],
    rows.map(([name, number]) => [String(number), code(name), errorTable[name as keyof typeof refusalCodes].meaning]),
  );
}

const channelText = `For transports that do not say who the other end is. SIGMA-I; the formulas are in
[decisions/0004-channel.md](decisions/0004-channel.md). After the handshake every frame is one frame of \`crypto_secretstream\`, at most
${grouped(limits.frameBytesMax)} bytes with its ${limits.streamOverheadBytes} bytes of overhead.`;

const frameText =
  "One or several messages, each behind its length as u32, then up to 7 zeros: a frame whose messages take 4,096 bytes or " +
  "more is padded to a multiple of 8. A frame that ends within a message, or in anything else, is refused.";

const storeText = `\`\`\`
lock                   who has the store open (core/storage/node-lock.ts; Web Locks in browsers)
format                 what this is, which format, the store's id
events.log             every event but slices, append-only
slices/<file id>       sealed slice n at byte n × ${limits.sealedSliceBytes}; what was never written reads as zeros
leaves/<file id>       length, nonce prefix, key commitment, leaves: what proves a file's windows; of one window its descriptor does
attaching/<name>       slices of an attachment whose id is not known yet; removed when the store is opened
projections.cache      the tables, sealed; may be deleted at any time
\`\`\``;

const logText = `### \`events.log\`

The text \`focused-file-sync log 1\` and a line feed, then records:

${table(
  ["at", "field", "kind", "what it is"],
  [
    ["0", "`length`", "u32", "bytes of the event"],
    ["4", "`kind`", "u8", "0 an event; 1 one whose payload and signature were shredded (zeros)"],
    ["5", "`reserved`", "bytes[3]", "zeros, checked"],
    ["8", "`recordedAtMs`", "u64", "by this device's clock"],
    ["16", "`eventId`", "bytes[16]", "of the event as it was signed, also when it was shredded"],
    [
      "32",
      "`checksum`",
      "bytes[4]",
      "first bytes of the hash of the 32 bytes before it, domain `focused-file-sync record 1`",
    ],
    ["36", "`event`", "bytes", "canonical bytes; the event id vouches for them"],
  ],
)}

What does not check out at the end is cut off when the log is opened. A damaged record with sound ones behind it is passed over.`;

const cacheText = `The key is derived from the device's secret key and the bytes before the frames, domain \`focused-file-sync cache 2\`. A cache that is absent, damaged, of another schema or ahead of
the log is ignored, and the log fills the tables.`;

function titled(layout: AnyLayout, title: string): string {
  const bytes = fixedLayoutBytes(layout);
  const head = bytes === undefined ? title : `${title}\n\n${grouped(bytes)} bytes.`;
  return `${head}\n\n${layoutTable(layout)}`;
}
