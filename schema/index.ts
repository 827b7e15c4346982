export * from "./tables.ts";
export * from "./changes.ts";
export { migrations, schemaName, type Migration } from "./migrations.ts";
