/** The golden bytes, made anew in the page: events, messages and what is below them. The files are compared in Node. */
import { bytesToHex, hexToBytes } from "../../../core/base/bytes.ts";
import { cryptoReady } from "../../../core/crypto/index.ts";
import { cryptoCases } from "../../vectors/crypto-cases.ts";
import { eventCases } from "../../vectors/event-cases.ts";
import type { GoldenCase } from "../../vectors/golden.ts";
import { messageCases } from "../../vectors/message-cases.ts";

/** By file under tests/vectors. */
async function goldenCases(): Promise<Record<string, readonly GoldenCase[]>> {
  await cryptoReady();
  const events = Object.entries(eventCases).map(([file, cases]) => [file, cases()] as const);
  return { ...Object.fromEntries(events), messages: messageCases() };
}

/** By field, what follows from the inputs of that case of crypto.json. */
async function cryptoCase({ name, fields }: GoldenCase): Promise<Record<string, string>> {
  await cryptoReady();
  const inputs = new Map(fields.map(({ field, hex }) => [field, hex]));
  const results = cryptoCases[name]?.((field) => hexToBytes(inputs.get(field) ?? "none") as Uint8Array) ?? {};
  return Object.fromEntries(Object.entries(results).map(([field, bytes]) => [field, bytesToHex(bytes)]));
}

const vectors = { goldenCases, cryptoCase };
export type Vectors = typeof vectors;

Object.assign(globalThis, { vectors });
