/** focused-file-sync: what runs everywhere. Node's parts are in focused-file-sync/node. */
export { openFileSync } from "./api/open.ts";
export { FileSync } from "./api/file-sync.ts";
export { safeFileName } from "./api/safe-file-name.ts";
export { createGroupKey, createIdentityKeys, peerIdOf } from "./api/keys.ts";
export type {
  Attachment,
  AttachmentSource,
  AttachOptions,
  AttachProgress,
  GroupOptions,
  IdentityKeys,
  OpenOptions,
  ReadOptions,
} from "./api/types.ts";
export { FileSyncError, errorTable, type ErrorCode, type Fault } from "./errors.ts";
export type { Progress } from "./sync/progress.ts";
export type { RequestOptions } from "./sync/want-control.ts";
export type { Downloads } from "./host/snapshots.ts";
export type { WantState, WantStatus } from "./base/want-status.ts";
export type { EpochMs, FileId, MessageId, PeerId } from "./base/ids.ts";
export type { Clock } from "./base/clock.ts";
export type { Random } from "./base/random.ts";
export type { Logger } from "./base/logger.ts";
export type { Storage, StorageFile, StorageProvider } from "./base/storage.ts";
export type { Accept, Connection, ConnectionListener, Transport } from "./base/transport.ts";
export { memoryStorage } from "./storage/memory.ts";
export { webSocketTransport } from "./transport/web-socket.ts";
