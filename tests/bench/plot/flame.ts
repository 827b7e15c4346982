/**
 * Flame graphs of where the time goes, from the profiles that `npm run bench -- --size=50 --profile=FOLDER` leaves:
 *
 *   npm run bench:flame -- FOLDER/50MiB after          docs/images/flame-…-after.svg
 *   npm run bench:flame -- FOLDER/50MiB after IMAGES   to another folder
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Profile } from "../profile-report.ts";
import { foldProfile } from "./flame-fold.ts";
import { renderFlame } from "./flame-svg.ts";

const drawings = [
  { profile: "fetch-receiver", name: "flame-fetch-receiver", title: "Fetching 50 MiB, the receiver" },
  { profile: "fetch-sender", name: "flame-fetch-sender", title: "Fetching 50 MiB, the sender" },
  { profile: "attach-sender", name: "flame-attach", title: "Attaching 50 MiB" },
];

const [folder, label, images = fileURLToPath(new URL("../../../docs/images", import.meta.url))] = process.argv.slice(2);
if (folder === undefined || label === undefined) {
  process.stderr.write("Usage: npm run bench:flame -- FOLDER/50MiB LABEL [IMAGES]\n");
  process.exitCode = 2;
} else {
  mkdirSync(images, { recursive: true });
  for (const { profile, name, title } of drawings) {
    const read = JSON.parse(readFileSync(join(folder, `${profile}.cpuprofile`), "utf8")) as Profile;
    const file = `${name}-${label}.svg`;
    writeFileSync(join(images, file), renderFlame(foldProfile(read), `${title}: ${label}`));
    process.stdout.write(`${file}\n`);
  }
}
