/** Hyperdrive as it is by default: encrypted on the way, not at rest. */
import { runEnd } from "./ends.ts";
import { hyperdrive, usualBlockBytes } from "./hyperdrive-drive.ts";

runEnd(hyperdrive({ encryptionKey: undefined, blockBytes: usualBlockBytes }));
