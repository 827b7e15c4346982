/** Who this device is and what it shares; both are owned by the app and handed in. */
import type { PeerId } from "./ids.ts";

export interface Identity {
  readonly peerId: PeerId;
  /** Ed25519 public key, 32 bytes: the peer id as bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 secret key as libsodium has it: seed and public key, 64 bytes. */
  readonly secretKey: Uint8Array;
}

export interface Group {
  /** The app's name for the group, the same on every device: two groups of the same members are told apart by it. */
  readonly name: string;
  readonly members: ReadonlySet<PeerId>;
  /** 32 bytes each, newest first. The newest seals; all of them open. */
  readonly keys: readonly Uint8Array[];
}
