/** Hyperdrive with its blocks encrypted at rest, as ours are. */
import { runEnd } from "./ends.ts";
import { blockKey, hyperdrive, usualBlockBytes } from "./hyperdrive-drive.ts";

runEnd(hyperdrive({ encryptionKey: blockKey, blockBytes: usualBlockBytes }));
