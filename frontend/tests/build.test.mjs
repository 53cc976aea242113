import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const root = new URL("..", import.meta.url);
const { files } = JSON.parse(readFileSync(new URL("dist/manifest.json", root), "utf8"));

test("the manifest names exactly what was built", () => {
  assert.deepEqual(Object.keys(files), readdirSync(new URL("dist", root)).filter((name) => name !== "manifest.json").sort());
});

test("only one response may evaluate strings, and names that stay are not cached for ever", () => {
  assert.deepEqual(Object.entries(files).filter(([, file]) => file.unsafe_eval).length, 1);
  assert.deepEqual(Object.keys(files).filter((name) => !files[name].immutable), ["entry.js", "live.js", "model.css", "model.js", "style.css", "suggest.js", "upload.js", "viewer.css", "viewer.js"]);
});

test("the workers are files of their own, as the policy demands", () => {
  assert.ok(Object.keys(files).some((name) => name.startsWith("chunk_worker.bundle-")));
  assert.equal(/new Worker\((`|"|')data:/.test(readFileSync(new URL("dist/viewer.js", root), "utf8")), false);
});

test("the style sheet asks no other place for anything", () => {
  const style = readFileSync(new URL("dist/style.css", root), "utf8");
  assert.deepEqual(style.match(/url\(|@import/g), null);
});

test("the lock file names no place but this repository", () => {
  const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8"));
  const resolved = Object.values(packages).map((one) => one.resolved).filter(Boolean);
  assert.deepEqual(resolved, ["vendor/ikonate"]);
});
