/**
 * Two peers side by side in one page: attach by file input, fetch with progress, pause, resume, cancel, save. They are
 * joined by a network in memory that is as slow as a poor connection; in an app they would be on two devices, with
 * `webSocketTransport({ connect: "wss://…" })` in its place.
 *
 * Any bundler will do; the only file besides the script is sql.js's wasm. To look at it: npm run test:browser -- --serve
 */
import { createGroupKey, createIdentityKeys, memoryStorage, openFileSync, peerIdOf } from "focused-file-sync/browser";
import { safeFileName, type Attachment, type FileSync, type Progress } from "focused-file-sync/browser";
import { memoryNetwork, seededRandom, systemClock } from "focused-file-sync/testing";

const sqlWasm = new URL("./sql-wasm-browser.wasm", import.meta.url);
const line = { delayMsMin: 20, delayMsMax: 40, bytesPerSecond: 400_000 };
const network = memoryNetwork(systemClock(), seededRandom(1), line);
network.connect("Anna", "Ben");

const identities = { Anna: await createIdentityKeys(), Ben: await createIdentityKeys() };
const group = { name: "friends", members: Object.values(identities).map(peerIdOf), keys: [createGroupKey()] };
for (const [name, identity] of Object.entries(identities)) {
  const transport = network.transport(name);
  show(name, await openFileSync({ storage: memoryStorage(), identity, group, transport, sqlWasm }));
}
find<HTMLInputElement>(document, "#cut").onchange = (event) => {
  const { checked } = event.currentTarget as HTMLInputElement;
  if (checked) network.cut("Anna", "Ben");
  else network.heal("Anna", "Ben");
};

/** The column of one peer: drawn anew whenever something changed, which is at most ten times a second. */
function show(name: string, sync: FileSync): void {
  const section = copyOf("#peer");
  section.id = name;
  const says = find(section, "output");
  const rows = new Map<string, Element>();
  const draw = (): void => {
    for (const attachment of sync.attachments()) {
      const row = rows.get(attachment.fileId) ?? newRow(sync, attachment, says);
      if (!rows.has(attachment.fileId)) find(section, "ul").append(row);
      rows.set(attachment.fileId, row);
      drawRow(row, attachment, sync.progress(attachment.fileId));
    }
  };
  find(section, "h2").textContent = name;
  find<HTMLInputElement>(section, "input").onchange = async ({ currentTarget }) => {
    const input = currentTarget as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = "";
    for (const file of files) await attach(sync, file, says).catch((thrown: unknown) => tell(says, thrown));
  };
  sync.subscribe(draw);
  draw();
  find(document, "main").append(section);
}

async function attach(sync: FileSync, file: File, says: Element): Promise<void> {
  const onProgress = ({ bytesDone }: { readonly bytesDone: number }): void => {
    says.textContent = `Attaching ${file.name}: ${sizeText(bytesDone)} of ${sizeText(file.size)}`;
  };
  await sync.attach(file, { messageId: crypto.randomUUID(), name: file.name, mediaType: file.type, onProgress });
  says.textContent = "";
}

function newRow(sync: FileSync, { fileId, name }: Attachment, says: Element): Element {
  const row = copyOf("#attachment");
  const actions: Record<string, () => Promise<void>> = {
    request: () => sync.request(fileId),
    pause: () => sync.pause(fileId),
    resume: () => sync.resume(fileId),
    cancel: () => sync.cancel(fileId),
    save: async () => save(await sync.blob(fileId), safeFileName(name)),
  };
  for (const button of row.querySelectorAll("button")) {
    button.onclick = () => actions[button.dataset["does"] ?? ""]?.().catch((thrown: unknown) => tell(says, thrown));
  }
  return row;
}

function drawRow(row: Element, { name, fileBytes }: Attachment, progress: Progress | undefined): void {
  const { status = "none", percent = 0, bytesReceived = 0, bytesPerSecond, etaMs } = progress ?? {};
  const canDo: Record<string, boolean> = {
    request: !["active", "paused", "complete"].includes(status),
    pause: status === "active",
    resume: status === "paused",
    cancel: status === "active" || status === "paused",
    save: status === "complete",
  };
  const texts: Record<string, string> = {
    none: "Not fetched",
    active: `${percent} % · ${sizeText(bytesPerSecond ?? 0)}/s${etaMs === undefined ? "" : ` · ${timeText(etaMs)} left`}`,
    paused: `Paused at ${percent} % · ${sizeText(bytesReceived)} are here`,
    complete: "Here and verified",
  };
  row.className = status;
  find(row, "strong").textContent = name;
  find(row, "small").textContent = sizeText(fileBytes);
  find<HTMLProgressElement>(row, "progress").value = percent;
  find(row, "output").textContent = texts[status] ?? status;
  for (const button of row.querySelectorAll("button")) button.hidden = canDo[button.dataset["does"] ?? ""] !== true;
}

function save(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

function tell(says: Element, thrown: unknown): void {
  says.textContent = thrown instanceof Error ? thrown.message : String(thrown);
}

function find<Found extends Element = Element>(within: ParentNode, selector: string): Found {
  return within.querySelector(selector) as Found;
}

function copyOf(template: string): Element {
  return find<HTMLTemplateElement>(document, template).content.firstElementChild?.cloneNode(true) as Element;
}

const sizeText = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
const timeText = (ms: number): string => `${Math.ceil(ms / 1_000)} s`;
