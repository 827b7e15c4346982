/** A group made by the bench, so that a member can come back in a new process. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IdentityKeys } from "../../../core/index.ts";

export interface BenchGroup {
  readonly identities: readonly IdentityKeys[];
  /** What every member is opened with. */
  readonly setup: { readonly members: readonly string[]; readonly groupKey: Uint8Array };
}

export function makeGroup(memberCount: number): BenchGroup {
  const identities = Array.from({ length: memberCount }, makeIdentity);
  const members = identities.map(({ publicKey }) => Buffer.from(publicKey).toString("hex"));
  return { identities, setup: { members, groupKey: new Uint8Array(randomBytes(32)) } };
}

export function identityOf({ identities }: BenchGroup, index: number): IdentityKeys {
  const identity = identities[index];
  if (identity === undefined) throw new Error(`the group has no member ${index}`);
  return identity;
}

/** Ed25519 as libsodium has it: the secret key is seed and public key. */
function makeIdentity(): IdentityKeys {
  const { x = "", d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const [publicKey, seed] = [Buffer.from(x, "base64url"), Buffer.from(d, "base64url")];
  return { publicKey: new Uint8Array(publicKey), secretKey: new Uint8Array(Buffer.concat([seed, publicKey])) };
}

/** What `make` gives is kept in a file of that folder for the runs to come: it has to be plain JSON and hex. */
export async function madeOnce<T>(folder: string, name: string, make: () => Promise<T>): Promise<T> {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) {
    const made = await make();
    // Last: a making that failed leaves no such file.
    writeFileSync(path, JSON.stringify(made, bytesToText));
  }
  return JSON.parse(readFileSync(path, "utf8"), textToBytes) as T;
}

const bytesToText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value;

const textToBytes = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "hex" in value
    ? new Uint8Array(Buffer.from(String(value.hex), "hex"))
    : value;
