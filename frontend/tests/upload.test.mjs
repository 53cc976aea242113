import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { SpeedEstimate } = await load("upload/speed.ts");
const { tidyPath, collectFromInput, inNaturalOrder, walkEntries } = await load("upload/collect.ts");
const { checkPaths, reasonInText, pathsPerQuestion } = await load("upload/check.ts");
const { planLines } = await load("upload/island.ts");
const { judge } = await load("upload/queue.ts");
const { bytesInWords, secondsInWords } = await load("amounts.ts");
const { valueOf, factAsText } = await load("draft/autosave.ts");

test("a steady stream is measured as its true speed", () => {
  const speed = new SpeedEstimate();
  for (let second = 0; second <= 20; second += 1) speed.add(second * 1_000_000, second * 1000);
  assert.equal(Math.round(speed.bytesPerSecond(20_000)), 1_000_000);
  assert.equal(Math.round(speed.secondsLeft(5_000_000, 20_000)), 5);
});

test("what was fast long ago is forgotten, and a stall is seen as slowness", () => {
  const speed = new SpeedEstimate();
  for (let second = 0; second <= 10; second += 1) speed.add(second * 50_000_000, second * 1000);
  for (let second = 11; second <= 40; second += 1) speed.add(500_000_000 + (second - 10) * 1000, second * 1000);
  assert.ok(speed.bytesPerSecond(40_000) < 2000);
  assert.ok(speed.bytesPerSecond(400_000) < speed.bytesPerSecond(40_000));
});

test("nothing is promised before anything was measured", () => {
  const speed = new SpeedEstimate();
  assert.equal(speed.secondsLeft(10, 0), Infinity);
  assert.equal(speed.secondsLeft(0, 0), 0);
});

test("paths keep their tree and lose only what means nothing", () => {
  assert.equal(tidyPath("./scan//slices/./0001.tif"), "scan/slices/0001.tif");
  assert.equal(tidyPath("/ä ö/✓.tif"), "ä ö/✓.tif");
  // Climbing out is not tidied away: the server must see and refuse it.
  assert.equal(tidyPath("../../etc/passwd"), "../../etc/passwd");
  const files = [{ name: "b.tif", webkitRelativePath: "scan/a/b.tif" }, { name: "loose.txt", webkitRelativePath: "" }];
  assert.deepEqual(collectFromInput(files).map(({ path }) => path), ["scan/a/b.tif", "loose.txt"]);
});

test("slices go one after the other, however the disk lists them", () => {
  const chosen = ["s/10.tif", "s/9.tif", "a.txt"].map((path) => ({ path, file: null }));
  assert.deepEqual(inNaturalOrder(chosen).map(({ path }) => path), ["a.txt", "s/9.tif", "s/10.tif"]);
});

const fileEntry = (name) => ({ name, isDirectory: false, file: (give) => give({ name, size: 1 }) });
const folderEntry = (name, children, perCall = 100) => ({
  name,
  isDirectory: true,
  createReader: () => {
    let at = 0;
    return { readEntries: (give) => give(children.slice(at, (at += perCall))) };
  },
});

test("a dropped folder gives every file once, also beyond the hundred that one call returns", async () => {
  const slices = Array.from({ length: 1250 }, (_, at) => fileEntry(`slice_${at}.tif`));
  const chosen = [];
  await walkEntries([folderEntry("scan", [folderEntry("slices", slices), fileEntry("readme.txt"), folderEntry("empty", [])])], "", chosen, () => {});
  assert.equal(chosen.length, 1251);
  assert.equal(new Set(chosen.map(({ path }) => path)).size, 1251);
  assert.deepEqual(chosen.slice(1, 4).map(({ path }) => path), ["scan/slices/slice_0.tif", "scan/slices/slice_1.tif", "scan/slices/slice_2.tif"]);
});

test("a tree ten thousand folders deep does not overflow the stack", async () => {
  let tree = fileEntry("leaf");
  for (let depth = 0; depth < 10_000; depth += 1) tree = folderEntry("d", [tree]);
  const chosen = [];
  await walkEntries([tree], "", chosen, () => {});
  assert.equal(chosen.length, 1);
});

test("the server is asked in pages, and its answers are joined", async () => {
  const chosen = Array.from({ length: 2 * pathsPerQuestion + 1 }, (_, at) => ({ path: `p${at}`, file: { size: at } }));
  const asked = [];
  const ask = async (url, options) => {
    const { paths } = JSON.parse(options.body);
    asked.push(paths.length);
    assert.equal(options.headers["X-CSRF-Token"], "t");
    return new Response(JSON.stringify({ existing: [{ path: paths[0].path, size: 1, sha256: "" }], unfinished: [] }));
  };
  const answer = await checkPaths("/check", chosen, { "X-CSRF-Token": "t" }, ask);
  assert.deepEqual(asked, [1000, 1000, 1]);
  assert.deepEqual([...answer.existing.keys()], ["p0", "p1000", "p2000"]);
});

test("a refused question says the server's own words", async () => {
  const ask = async () => new Response(JSON.stringify({ title: "Closed", detail: "The record is released.", hint: "Make a new version." }), { status: 409 });
  await assert.rejects(checkPaths("/check", [{ path: "a", file: { size: 1 } }], {}, ask), /The record is released\. Make a new version\./);
  assert.equal(reasonInText("<html>", 502), "HTTP 502");
});

test("the plan keeps, replaces and resumes as answered", () => {
  const chosen = ["same", "other", "half", "grown", "new"].map((path) => ({ path, file: { size: 100 } }));
  const check = {
    existing: new Map([["same", { path: "same", size: 100 }], ["other", { path: "other", size: 50 }]]),
    unfinished: new Map([["half", { path: "half", upload_url: "/u/1", offset: 40, length: 100 }], ["grown", { path: "grown", upload_url: "/u/2", offset: 40, length: 90 }]]),
  };
  const states = (answer) => planLines(chosen, check, answer).map(({ state, replace, uploadUrl, sent }) => [state, replace, uploadUrl, sent]);
  const rest = [["waiting", false, "/u/1", 40], ["waiting", false, null, 0], ["waiting", false, null, 0]];
  assert.deepEqual(states("keep"), [["kept", false, null, 0], ["kept", false, null, 0], ...rest]);
  assert.deepEqual(states("replace-different"), [["kept", false, null, 0], ["waiting", true, null, 0], ...rest]);
  assert.deepEqual(states("replace"), [["waiting", true, null, 0], ["waiting", true, null, 0], ...rest]);
});

test("a refusal is final, a lost network is not", () => {
  const answered = (status, body = "") => Object.assign(new Error("x"), { originalResponse: { getStatus: () => status, getBody: () => body } });
  for (const status of [400, 403, 404, 413, 415]) assert.equal(judge(answered(status)).permanent, true, String(status));
  for (const status of [0, 409, 423, 429, 500, 502, 503]) assert.equal(judge(answered(status)).permanent, false, String(status));
  assert.equal(judge(answered(413, '{"detail":"Too large."}')).why, "Too large.");
  assert.equal(judge(Object.assign(new Error("net"), { originalResponse: null })).permanent, false);
  assert.equal(judge(Object.assign(new Error("gone"), { name: "NotReadableError" })).permanent, true);
});

test("amounts read well in both languages", () => {
  assert.equal(bytesInWords(999, "en"), "999 B");
  assert.equal(bytesInWords(999_960, "en"), "1.0 MB");
  assert.equal(bytesInWords(2_100_000_000, "de"), "2,1 GB");
  assert.equal(secondsInWords(0.2), "1 s");
  assert.equal(secondsInWords(3599), "60 min");
  assert.equal(secondsInWords(7199), "2 h");
});

test("autosave sends what a field means", () => {
  assert.equal(valueOf([{ type: "text", value: "a" }], "title"), "a");
  assert.deepEqual(valueOf([{ type: "text", value: "a" }, { type: "text", value: "b" }], "people[]"), ["a", "b"]);
  assert.equal(valueOf([{ type: "checkbox", value: "on", checked: false }], "may"), false);
  assert.equal(valueOf([{ type: "radio", value: "a", checked: false }, { type: "radio", value: "b", checked: true }], "kind"), "b");
  assert.equal(factAsText([6.5, 6.5, 6.5]), "6.5, 6.5, 6.5");
  assert.equal(factAsText(null), "");
});
