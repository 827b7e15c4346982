/** The face of this folder: libsodium's functions, in the shapes that file sync needs. Nothing else imports libsodium. */
export { cryptoReady } from "./ready.ts";
export { secretsEqual, wipe } from "./sodium.ts";
export { checkSlices, openSlices, sealSlices } from "./slices.ts";
export type { SliceRun, SlicesToCheck, SlicesToOpen, SlicesToSeal } from "./slices.ts";
export { authenticate, deriveKey, foldNodes, hash, Hasher, hashLeaf, LeafHasher } from "./hash.ts";
export type { HashSize } from "./hash.ts";
export {
  createIdentity,
  identityFromSeed,
  publicKeyBytes,
  secretKeyBytes,
  seedBytes,
  sign,
  signatureBytes,
  verify,
} from "./sign.ts";
export { boxKeyBytes, openBox, sealBox } from "./box.ts";
export { PullStream, PushStream, streamHeaderBytes, streamKeyBytes } from "./stream.ts";
export type { PulledFrame } from "./stream.ts";
export { exchangeKeyBytes, exchangeKeyPair, exchangeSeedBytes, sessionKeys } from "./kx.ts";
export type { ExchangeKeyPair, SessionKeys } from "./kx.ts";
