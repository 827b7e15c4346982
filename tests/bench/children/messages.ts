/** What the bench and its child processes say to each other. */

export type Role =
  | "in-process"
  | "sender"
  | "receiver"
  | "member"
  | "grower"
  | "bare"
  | "bare-socket-sender"
  | "bare-socket-receiver";

/** On the child's command line. */
export interface Setup {
  readonly role: Role;
  readonly libraryUrl: string;
  /** Where to leave CPU profiles; none are made without it. */
  readonly profileFolder: string | undefined;
}

export interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A file to attach or to send. */
export interface SourceFile {
  readonly path: string;
  readonly fileBytes: number;
}

export interface Span {
  readonly seconds: number;
  /** Of all threads of the process. */
  readonly cpuSeconds: number;
}
