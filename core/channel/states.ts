/**
 * The states of a channel as a table: what each call does in each state, or the code that it is refused with. Every
 * refusal and every failure leads to `dead`, where all is refused.
 *
 * `finished_here` and `finished_there` are half closed: one side has sent its final frame, the other may still send.
 * A transport that ends without the other side's final frame has cut the channel: what was under way may be missing.
 */
import type { ErrorCode } from "../errors.ts";

export type ChannelState =
  | "idle"
  | "awaits_offer"
  | "awaits_answer"
  | "awaits_finish"
  | "open"
  | "finished_here"
  | "finished_there"
  | "closed"
  | "dead";

export type ChannelCall = "start" | "frame" | "seal" | "finish" | "end";

export type ChannelAction =
  | "send_offer"
  | "wait"
  | "take_offer"
  | "take_answer"
  | "take_finish"
  | "open_frame"
  | "seal_frame"
  | "seal_final"
  | "close";

export type ChannelCell = { readonly action: ChannelAction } | { readonly refused: ErrorCode };

const does = (action: ChannelAction): ChannelCell => ({ action });
const refused = (code: ErrorCode): ChannelCell => ({ refused: code });

const isClosed = refused("channel_closed");
const isCut = refused("channel_cut");
const notInTurn = refused("handshake_malformed");
const afterFinal = refused("channel_frame_invalid");

type Row = Readonly<Record<ChannelCall, ChannelCell>>;
const duringHandshake = { start: isClosed, seal: isClosed, finish: isClosed, end: isCut };

export const channelTable: Readonly<Record<ChannelState, Row>> = {
  idle: { ...duringHandshake, start: does("send_offer"), frame: notInTurn },
  awaits_offer: { ...duringHandshake, start: does("wait"), frame: does("take_offer") },
  awaits_answer: { ...duringHandshake, frame: does("take_answer") },
  awaits_finish: { ...duringHandshake, frame: does("take_finish") },
  open: {
    start: isClosed,
    frame: does("open_frame"),
    seal: does("seal_frame"),
    finish: does("seal_final"),
    end: isCut,
  },
  finished_here: { start: isClosed, frame: does("open_frame"), seal: isClosed, finish: isClosed, end: isCut },
  finished_there: {
    start: isClosed,
    frame: afterFinal,
    seal: does("seal_frame"),
    finish: does("seal_final"),
    end: does("close"),
  },
  closed: { start: isClosed, frame: isClosed, seal: isClosed, finish: isClosed, end: does("close") },
  dead: { start: isClosed, frame: isClosed, seal: isClosed, finish: isClosed, end: isClosed },
};
