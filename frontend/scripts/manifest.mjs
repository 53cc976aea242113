// Writes dist/manifest.json: what the server may cache for ever and which response needs
// 'unsafe-eval' in its own policy (numcodecs' WebAssembly glue builds functions from
// strings; a worker obeys the policy of its own response, so pages stay strict).
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const stable = ["style.css", "viewer.css", "model.css", "entry.js", "live.js", "suggest.js", "upload.js", "viewer.js", "model.js"];
const names = readdirSync(dist).filter((name) => name !== "manifest.json").sort();
const missing = stable.filter((name) => !names.includes(name));
if (missing.length > 0) throw new Error(`the build made no ${missing.join(", ")}`);

const files = {};
for (const name of names) {
  const path = join(dist, name);
  if (/https?:\/\/(fonts|cdn|unpkg|www\.gstatic)/.test(readFileSync(path, "latin1"))) throw new Error(`${name} names another host`);
  files[name] = { bytes: statSync(path).size, immutable: !stable.includes(name), unsafe_eval: name.startsWith("async_computation.bundle-") };
}
const evaluating = Object.values(files).filter((file) => file.unsafe_eval).length;
if (evaluating !== 1) throw new Error(`expected one worker that needs 'unsafe-eval', found ${evaluating}`);
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify({ files }, null, 2)}\n`);
