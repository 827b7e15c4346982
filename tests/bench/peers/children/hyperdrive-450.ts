/** What no one would run: blocks as small as our slices, to show what that costs in a store that keeps blocks apart. */
import { sliceBytes } from "../../../../core/limits.ts";
import { runEnd } from "./ends.ts";
import { blockKey, hyperdrive } from "./hyperdrive-drive.ts";

runEnd(hyperdrive({ encryptionKey: blockKey, blockBytes: sliceBytes }));
