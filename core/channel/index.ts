/** The face of this folder: a secure channel over a connection that does not authenticate. */
export { Channel } from "./channel.ts";
export type { ChannelOptions, ReceivedFrame } from "./channel.ts";
export type { Role } from "./handshake.ts";
export { handshakeLayouts } from "./messages.ts";
export { channelTable } from "./states.ts";
export type { ChannelAction, ChannelCall, ChannelCell, ChannelState } from "./states.ts";
