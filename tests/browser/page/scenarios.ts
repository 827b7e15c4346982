/** What the tests may call in the page: each returns plain facts, and the judging is done where the tests are. */
import * as sources from "./sources.ts";
import * as twoPeers from "./two-peers.ts";
import * as withNode from "./with-node.ts";

const scenarios = { ...sources, ...twoPeers, ...withNode };
export type Scenarios = typeof scenarios;

Object.assign(globalThis, { scenarios });
