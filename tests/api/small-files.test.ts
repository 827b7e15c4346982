/** Many small files: what each of them asks of the storage is counted, since that is what they cost. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Storage, StorageFile, StorageProvider } from "../../core/base/storage.ts";
import { memoryStorage } from "../../core/index.ts";
import { bytesOf, content, inCircle, message, partsIn, until } from "./circle.ts";

const test = suite("api: many small files");

const files = 60;
const oneWindow = 5000;
const manyWindows = 150_000;

interface Counts {
  opened: number;
  renamed: number;
  flushedNames: number;
  flushedFiles: number;
}

/** Flushes take a while, as they do on a disk: otherwise none would ever share one. */
function counted(): { provider: StorageProvider; take: () => Counts; names: () => string[] } {
  let counts: Counts = { opened: 0, renamed: 0, flushedNames: 0, flushedFiles: 0 };
  let inner: Storage | undefined;
  const disk = memoryStorage();
  const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
  const watched = (file: StorageFile): StorageFile => ({
    size: () => file.size(),
    readAt: (target, position) => file.readAt(target, position),
    writeAt: (source, position) => file.writeAt(source, position),
    truncate: (size) => file.truncate(size),
    async flush() {
      counts.flushedFiles++;
      await wait();
    },
    close: () => file.close(),
  });
  return {
    provider: {
      durability: "memory",
      async open() {
        const storage = (inner = await disk.open());
        return {
          open(name, options) {
            const file = storage.open(name, options);
            // The flushes of the log are shared by the driver (tests/storage).
            if (name === "events.log") return file;
            counts.opened++;
            return file === undefined ? undefined : watched(file);
          },
          list: (prefix) => storage.list(prefix),
          remove: (name) => storage.remove(name),
          rename(from, to) {
            counts.renamed++;
            storage.rename(from, to);
          },
          flushNames() {
            counts.flushedNames++;
            return wait();
          },
          close: () => storage.close(),
        };
      },
    },
    take() {
      const taken = counts;
      counts = { opened: 0, renamed: 0, flushedNames: 0, flushedFiles: 0 };
      return taken;
    },
    names: () => partsIn(inner?.list("") ?? []),
  };
}

for (const [what, fileBytes, opensMax, filesEach] of [
  ["of one window: no file but that of its slices", oneWindow, 2, 1],
  ["of several windows: its slices and its leaves", manyWindows, 6, 2],
] as const) {
  test(`a file ${what}; attached and fetched with few calls of the storage`, () =>
    inCircle(["anna", "ben"], async (circle) => {
      const [at, from] = [counted(), counted()];
      const anna = await circle.open("anna", { storage: at.provider });
      at.take();
      const bytes = Array.from({ length: files }, () => content(fileBytes));
      const attached = await Promise.all(bytes.map((each) => anna.attach(each, { messageId: message })));
      const attaching = at.take();
      assert.is(at.names().length, files * filesEach);
      assert.is(attaching.renamed, 0, "they are written under their own names");
      assert.ok(attaching.opened <= files * opensMax, `${attaching.opened} opened to attach ${files}`);
      assert.ok(attaching.flushedFiles <= files * (filesEach + 0.5), `${attaching.flushedFiles} flushes to attach`);

      const ben = await circle.open("ben", { storage: from.provider });
      await until("all are known", () => ben.attachments().length === files);
      from.take();
      await Promise.all(attached.map(({ fileId }) => ben.request(fileId)));
      await Promise.all(attached.map(({ fileId }) => ben.whenComplete(fileId)));
      const fetching = from.take();
      assert.is(from.names().length, files * filesEach);
      assert.ok(fetching.opened <= files * opensMax, `${fetching.opened} opened to fetch ${files}`);
      assert.ok(fetching.flushedFiles <= files * (filesEach + 1), `${fetching.flushedFiles} flushes to fetch`);
      for (const [i, { fileId }] of attached.entries()) assert.equal(await bytesOf(ben.read(fileId)), bytes[i]);
    }));
}

test.run();
