/** The numbers of the growth benchmark; those of the library are in core/limits.ts. */

/** A thumbnail, as messengers have most. */
export const smallFileBytes = 2000;
/** Attached at once while a store is filled: more are not faster. */
export const attachAtOnce = 32;
/** Attached by one call to a child: its time limit must not be met on a slow machine. */
export const fillBatch = 5000;
/** Single attaches and requests that are timed at each step. */
export const singles = 20;
/** Lists that are timed at each step. */
export const lists = 5;
/** A sync of the log begins every 15 s: one is in it. */
export const idleSeconds = 16;
export const quickIdleSeconds = 2;
/** What nobody held is asked for again every 5 s: each want once. */
export const idleWantsSeconds = 6;
/** Pauses and resumes that are timed at each step. */
export const controls = 100;
/** And before these, some that are not. */
export const controlsUncounted = 30;
