// The peer of the upload row: @tus/server with its file store, as its documentation starts it.
// Usage: node tus_peer.mjs FOLDER PORT, with BENCH_PEERS naming the folder that run.sh installed it into.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const installed = createRequire(join(process.env.BENCH_PEERS, "node", "package.json"));
const load = (name) => import(pathToFileURL(installed.resolve(name)).href);
const { Server } = await load("@tus/server");
const { FileStore } = await load("@tus/file-store");
const [directory, port] = process.argv.slice(2);
new Server({ path: "/files", datastore: new FileStore({ directory }) }).listen({ host: "127.0.0.1", port: Number(port) });
