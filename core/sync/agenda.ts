/**
 * What would otherwise be worked out of all wants after every frame: in which order they are served, and when the first
 * of their deadlines is. Downloads tell it what changes.
 */
import type { Download } from "./download.ts";

export class Agenda {
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #wanted: Download[] | undefined;
  readonly #changed = new Set<Download>();

  /** No deadline of a download is before this. It may be early: to wake up for nothing costs less than to look at all. */
  get wakeAtMs(): number {
    return this.#wakeAtMs;
  }

  /** There is a deadline then. */
  wakeBy(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs, atMs);
  }

  /** All deadlines were looked at, and this is the first. */
  measured(atMs: number): void {
    this.#wakeAtMs = atMs;
    this.#changed.clear();
  }

  /** A deadline of this download may be another one now. */
  change(download: Download): void {
    this.#changed.add(download);
  }

  /** Downloads whose deadlines may have changed since the last call. */
  takeChanged(): Download[] {
    if (this.#changed.size === 0) return [];
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** The wants as they are served; made anew when one came, or its status or priority changed. */
  wanted(inOrder: () => Download[]): Download[] {
    this.#wanted ??= inOrder();
    return this.#wanted;
  }

  reorder(): void {
    this.#wanted = undefined;
  }

  /** It is wanted no more. */
  remove(download: Download): void {
    const at = this.#wanted?.indexOf(download) ?? -1;
    if (at >= 0) this.#wanted?.splice(at, 1);
  }
}
