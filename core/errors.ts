/**
 * Every failure that a peer, a disk, a user or the app can cause, from one closed list. In the core a failure is a
 * value (core/base/result.ts); on the public face the same object is what a promise rejects with.
 *
 * Messages are fit to log: they name fields and numbers, never a file name, a key or plaintext.
 */

/** Whose fault it is: that decides who is told. */
export type Fault = "app" | "source" | "storage" | "peer" | "state";

interface ErrorRow {
  readonly fault: Fault;
  /** Whether the same call may succeed later without the caller changing anything. */
  readonly retryable: boolean;
  readonly meaning: string;
}

const row = (fault: Fault, retryable: boolean, meaning: string): ErrorRow => ({ fault, retryable, meaning });

export const errorTable = {
  // The app called us wrongly.
  argument_invalid: row("app", false, "an argument is not of the form that the call takes"),
  key_length_invalid: row("app", false, "a key has the wrong length"),
  closed: row("app", false, "the instance was closed"),
  name_too_long: row("app", false, "the name is longer than 255 bytes of UTF-8"),
  media_type_too_long: row("app", false, "the media type is longer than 127 bytes of UTF-8"),
  preview_too_long: row("app", false, "the preview is longer than 64 bytes"),
  range_invalid: row("app", false, "the range does not lie within the file"),
  not_author: row("app", false, "only the author of an attachment can delete it for everyone"),

  // The bytes to attach were not what they should be.
  source_failed: row("source", true, "the source threw while it was read; see cause"),
  source_ended_early: row("source", false, "the source ended before the number of bytes that was announced"),
  source_too_long: row("source", false, "the source gave more bytes than were announced"),
  file_too_large: row("source", false, "the file has more than 2^32 slices"),

  // The store.
  storage_locked: row("storage", true, "another process or tab has this store open"),
  storage_full: row("storage", true, "no space is left where the store is"),
  storage_read_only: row("storage", false, "the store cannot be written"),
  storage_gone: row("storage", false, "the store was removed while it was open"),
  storage_failed: row("storage", true, "the storage reported an error; see cause"),
  store_newer: row("storage", false, "the store was written by a newer version of this library"),
  store_not_ours: row("storage", false, "what is there is no store of this library"),
  log_damaged: row("storage", false, "an event in the middle of the log does not match its checksum"),
  at_rest_damaged: row("storage", true, "a slice at rest does not match its tag; it is fetched again"),

  // What the app asked for does not fit the state of the file.
  file_unknown: row("state", false, "there is no such file in this store"),
  want_unknown: row("state", false, "the file was never requested"),
  want_complete: row("state", false, "the file is complete already"),
  want_paused: row("state", false, "the request is paused"),
  want_cancelled: row("state", false, "the request was cancelled"),
  want_failed: row("state", false, "the request has failed"),
  want_expired: row("state", true, "the request was not fulfilled within its time to live"),
  not_complete: row("state", true, "the file is not complete on this device"),
  file_deleted: row("state", false, "the attachment was deleted by its author"),
  key_missing: row("state", true, "no group key opens the descriptor, or no descriptor has arrived yet"),

  // What a peer sent.
  message_malformed: row("peer", false, "a message does not have the layout of its type"),
  message_type_unknown: row("peer", false, "a message has a type that this version does not know"),
  message_too_large: row("peer", false, "a message is larger than any message may be"),
  version_unknown: row("peer", false, "the peer speaks a version that this one does not know"),
  event_malformed: row("peer", false, "an event does not have the layout of its type"),
  event_type_unknown: row("peer", false, "an event has a type that this version does not know"),
  event_version_unknown: row("peer", false, "an event has a version that this one does not know"),
  event_too_large: row("peer", false, "an event is larger than 1,200 bytes"),
  event_local: row("peer", false, "an event of a type that never leaves its device came from another"),
  event_expired: row("peer", false, "an event's time to live is over"),
  event_from_future: row("peer", false, "an event claims to be made more than a day from now"),
  signature_invalid: row("peer", false, "an event's signature does not verify"),
  author_unknown: row("peer", false, "an event's author is no member and its payload is not sealed for the group"),
  payload_tag_invalid: row("peer", false, "a sealed payload does not open with the group key that it names"),
  descriptor_inconsistent: row("peer", false, "a descriptor's file id does not follow from its other fields"),
  slice_tag_invalid: row("peer", false, "a slice's tag does not match"),
  leaf_mismatch: row("peer", false, "a window's slices do not hash to its leaf"),
  leaves_mismatch: row("peer", false, "a list of leaves does not hash to the file id"),
  slice_out_of_range: row("peer", false, "a slice number lies outside its window"),
  window_mismatch: row("peer", false, "the window count does not follow from the slice count"),
  filter_size_invalid: row("peer", false, "a filter's size does not follow from its window"),
  not_wanted: row("peer", false, "slices came that were not asked for"),
  not_held: row("peer", true, "the peer does not hold the file"),
  group_mismatch: row("peer", false, "the peer speaks for another group"),
  not_member: row("peer", false, "the peer is not a member of the group"),
  too_many_requests: row("peer", true, "more requests are open than a peer may have"),

  // The channel between two peers.
  handshake_malformed: row("peer", false, "a handshake message does not have its layout"),
  handshake_signature_invalid: row("peer", false, "a handshake is not signed by the identity that it names"),
  handshake_self: row("peer", false, "the peer has our own identity"),
  channel_frame_invalid: row("peer", false, "a frame was altered, replayed, reordered or is not ours"),
  channel_cut: row("peer", true, "the channel ended without its final frame"),
  channel_closed: row("peer", true, "the channel is closed"),
  frame_too_large: row("peer", false, "a frame is larger than any frame may be"),
  handshake_timeout: row("peer", true, "the handshake was not done in time"),
  connection_failed: row("peer", true, "the connection could not be made or broke; see cause"),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export interface FailureDetails {
  /** The field, argument or number that is at fault; it becomes part of the message. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The one error class of this library: `code` is stable, `message` is not. */
export class FileSyncError extends Error {
  override readonly name = "FileSyncError";
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly retryable: boolean;

  constructor(code: ErrorCode, details: FailureDetails = {}) {
    const { fault, retryable, meaning } = errorTable[code];
    const message = details.detail === undefined ? meaning : `${meaning} (${details.detail})`;
    super(`${code}: ${message}`, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.fault = fault;
    this.retryable = retryable;
  }
}
