/** The members of a group for a scenario of several processes, each with a store of its own. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { withChildren } from "../scenarios/scenario.ts";
import type { GrowerCalls, OpenPeer } from "./child.ts";
import type { Measurement } from "./measurement.ts";

export async function createMembers<const N extends readonly string[]>(
  run: Measurement["run"],
  names: N,
): Promise<{ [K in keyof N]: OpenPeer }> {
  return withChildren(run, async (start) => {
    const child = start<GrowerCalls>("grower");
    const identities = await child.call("identities", names.length);
    const members = await child.call("peerIds", identities);
    const groupKey = randomBytes(32);
    const peers = identities.map((identity, i) => {
      const storePath = join(run.folder, names[i] ?? "");
      return { identity, members, groupKey, storePath };
    });
    return peers as unknown as { [K in keyof N]: OpenPeer };
  });
}
