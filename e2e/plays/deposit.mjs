// The main road: sign in, drop a folder of slices, get a DOI; closed for everyone until the owner
// releases; then anybody looks, downloads and checks. Prints the figures that the README shows.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ByApi } from "../by_api.mjs";
import { Hands, play, sha256, until } from "../play.mjs";
import { ownSlices, takeApart } from "../tiff_pages.mjs";

const folderName = "femur scan";
const measured = join(process.env.SCIENCE3D_SHARED ?? "", "data/tiff/bone_128x128x128.tif");

/** What a person knows and no file says. */
const knows = {
  title: "Trabecular bone of a femur",
  creators: "Lovelace, Ada",
  description: "The fine struts inside a bone, as x-rays show them.",
  licence: "CC-BY-4.0",
  organism: "Homo sapiens",
  technique: "PaNET01208",
  facility: "Example Light Source",
  voxel_size_um: "1.95",
};

await play("deposit", async (stage) => {
  const files = layOutFolder(join(stage.scratch, folderName));
  const owner = await stage.visitor();
  const hands = new Hands();
  const start = Date.now();
  await stage.signInByLink(owner, hands);
  const { id, required } = await describe(stage, owner, hands, join(stage.scratch, folderName), files.size);
  const doi = await register(stage, owner, hands, id);
  const seconds = Math.round((Date.now() - start) / 100) / 10;
  console.log(`RESULT ${JSON.stringify({ seconds, required_inputs: required, key_presses: hands.keyPresses, clicks: hands.clicks, files: files.size })}`);

  const anyone = await stage.visitor();
  await closedForAnyone(stage, anyone, id, doi, [...files.keys()]);
  await waitForVolume(stage, owner, id);
  await closedForAnyone(stage, anyone, id, doi, [...files.keys()]);
  await release(stage, owner, id);
  await openForAnyone(stage, anyone, id, files);
  await looksInside(stage, anyone, id);
});

/** Real slices where the measured file is at hand, own ones otherwise; and a note, as such folders have one. */
function layOutFolder(folder) {
  const slices = existsSync(measured) ? takeApart(readFileSync(measured)) : ownSlices();
  if (!existsSync(measured)) console.log("  no measured file at hand: slices of a hollow sphere are used");
  const files = new Map(slices.map((bytes, number) => [`slices/bone_${String(number).padStart(4, "0")}.tif`, bytes]));
  files.set("scan notes.txt", Buffer.from("Reconstructed slices, 128 of them.\n"));
  for (const [path, bytes] of files) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return files;
}

async function describe(stage, page, hands, folder, fileCount) {
  await hands.click(page.locator(".site-nav a", { hasText: "Upload" }));
  await page.waitForURL("**/deposit");
  await stage.shot(page, "choose");
  await hands.click(page.locator(".radio-card", { has: page.locator('input[value="tomography-biology"]') }));
  await hands.click(page.locator("main form button.button-primary"));
  await page.waitForURL(/\/deposit\/[^/]+$/);
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await stage.shot(page, "empty");
  // The button opens the system's chooser; what is chosen there cannot be clicked by a program.
  const chooser = page.waitForEvent("filechooser");
  await hands.click(page.locator("label.dropzone-choose").first());
  await (await chooser).setFiles(folder);

  const required = await page.locator(".field:has(.required)").count();
  assert.ok(required > 0 && required <= 8, `the form requires ${required} fields; at most eight are allowed`);
  for (const name of await page.locator(".field:has(.required) :is(input, textarea, select)").evaluateAll((fields) => fields.map((field) => field.name))) {
    assert.ok(name in knows, `the form requires “${name}”, which this play knows nothing about`);
    // The files may say it while the person types the rest, but not into the field where one is.
    const field = page.locator(`#${name}`);
    await field.focus();
    const given = await field.inputValue();
    if (given !== "" && name !== "creators") continue;
    // The form proposes the one who is signed in, who is the administrator here.
    if (given !== "") await hands.replace(field, knows[name]);
    else if ((await field.evaluate((element) => element.tagName)) === "SELECT") await hands.choose(field, knows[name]);
    else await hands.type(field, knows[name]);
    // A list of suggestions closes when one goes on.
    if ((await field.getAttribute("role")) === "combobox") await hands.press(page, "Tab");
  }
  await until("the draft says that it has saved itself", async () => /^Saved/.test((await page.locator("[data-saved]").textContent()).trim()));
  await until(`all ${fileCount} files have arrived`, async () => new RegExp(`^${fileCount}\\s+files arrived`).test((await page.locator(".upload-headline p").textContent()).trim()), { seconds: 120 });
  await stage.shot(page, "filled");
  assert.deepEqual(await new ByApi(page).failures(id), [], "work on the files was given up while the folder still arrived");
  return { id, required };
}

async function register(stage, page, hands, id) {
  const button = page.locator("[data-readiness-button=register]");
  await until("nothing stands before registering any more", async () => (await button.getAttribute("aria-disabled")) === null, { seconds: 20 }).catch(async (error) => {
    throw new Error(`${error.message}; the page says: ${await page.locator("[data-readiness=register]").textContent()}`);
  });
  await hands.click(button);
  await page.waitForURL("**/register");
  await stage.shot(page, "ask-register");
  await hands.click(page.locator("main form button.button-primary"));
  await page.waitForURL(`**/records/${id}`);
  const doi = (await page.locator(".entry-doi a").first().textContent()).trim();
  assert.match(doi, /^10\.\d{4,}\/\S+$/, "the entry page shows no DOI");
  await stage.shot(page, "registered-owner");
  stage.say(`registered as ${doi}`);
  return doi;
}

/** The entry is public, the files are not: no name, no picture, no bytes. */
async function closedForAnyone(stage, page, id, doi, paths) {
  const answer = await page.goto(`/records/${id}`);
  assert.equal(answer.status(), 200, "the entry page of a registered record must be public");
  assert.equal(await page.locator("h1").textContent(), knows.title);
  assert.ok((await page.locator(".notice-closed").count()) > 0, "the page does not say that the files are closed");
  await stage.shot(page, "closed");
  const request = page.context().request;
  assert.equal(new URL((await request.get(`/doi/${doi}`)).url()).pathname, `/records/${id}`, "the DOI does not land on the entry page");
  const tells = [...paths.map((path) => path.split("/").at(-1)), folderName, encodeURIComponent(folderName), "slices/", `/records/${id}/pictures/`, `/records/${id}/archive.zip`];
  for (const path of [`/records/${id}`, `/records/${id}?folder=${encodeURIComponent(folderName)}`, `/api/v1/records/${id}`, `/records/${id}/export/schema-org`, `/records/${id}/export/datacite-json`, "/search?q=trabecular", "/api/v1/search?q=trabecular", "/"]) {
    const text = await (await request.get(path)).text();
    // The links to other languages repeat the question, which is no answer.
    const told = tells.find((name) => !path.includes(encodeURIComponent(name)) && !path.includes(name) && text.includes(name));
    assert.equal(told, undefined, `${path} tells anyone about “${told}”`);
  }
  const first = `${folderName}/${paths[0]}`.split("/").map(encodeURIComponent).join("/");
  for (const path of [`files/${first}`, "archive.zip", "view", "pictures/hero.png", "pictures/thumb.webp"]) {
    const closed = await request.get(`/records/${id}/${path}`);
    assert.ok([401, 403, 404].includes(closed.status()), `/records/${id}/${path} answered ${closed.status()} to anyone`);
  }
}

async function waitForVolume(stage, page, id) {
  const api = new ByApi(page);
  const start = Date.now();
  await until("the volume and its pictures are made", async () => {
    await page.goto(`/records/${id}`);
    const failures = await api.failures(id);
    if (failures.length > 0) return true;
    return (await page.locator(".hero-picture img.picture").count()) > 0 && (await page.locator(`a[href="/records/${id}/view"]`).count()) > 0;
  }, { seconds: 180, everyMilliseconds: 1000 });
  assert.deepEqual(await api.failures(id), [], "a job failed");
  await picturesAreThere(page);
  await stage.shot(page, "derived-owner");
  stage.say(`volume and pictures were there ${Math.round((Date.now() - start) / 1000)} s after the DOI`);
}

async function picturesAreThere(page) {
  await page.evaluate(() => document.querySelectorAll("img").forEach((image) => (image.loading = "eager")));
  const broken = await until("the pictures have loaded", () => page.evaluate(() => [...document.images].every((image) => image.complete) && { broken: [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src) }));
  assert.deepEqual(broken, { broken: [] }, "pictures of the page do not load");
}

async function release(stage, page, id) {
  await page.locator(`a[href="/deposit/${id}/release"]`).first().click();
  await page.waitForURL("**/release");
  await page.locator("main form button.button-primary").click();
  await page.waitForURL(`**/records/${id}`);
  assert.ok((await page.locator(".badge-released").count()) > 0, "after the release the page does not say released");
  await stage.shot(page, "released-owner");
}

async function openForAnyone(stage, page, id, files) {
  await page.goto(`/records/${id}`);
  assert.equal(await page.locator(".notice-closed").count(), 0, "the page still says that the files are closed");
  await picturesAreThere(page);
  await stage.shot(page, "released");
  await page.click(`#files a:has-text("${folderName}")`);
  await page.click('#files a:has-text("slices")');
  const [path, bytes] = [...files].find(([name]) => name.endsWith("_0007.tif"));
  const line = page.locator("#files tr", { hasText: path.split("/").at(-1) });
  assert.equal(await line.locator(".checksum").getAttribute("title"), sha256(bytes), "the page shows another checksum");
  await stage.shot(page, "files");
  const waiting = page.waitForEvent("download", { timeout: 15_000 }).catch(() => null);
  await line.locator("a").click();
  const download = await waiting;
  const got = download ? readFileSync(await download.path()) : await (await page.context().request.get(await line.locator("a").getAttribute("href"))).body();
  assert.equal(sha256(got), sha256(bytes), "the downloaded file has other bytes");
  stage.say("one file downloaded, its sum is right");
  await zipHoldsAll(stage, page, id, files);
}

async function zipHoldsAll(stage, page, id, files) {
  const zip = join(stage.scratch, "archive.zip");
  writeFileSync(zip, await (await page.context().request.get(`/records/${id}/archive.zip`)).body());
  const tested = execFileSync("unzip", ["-t", zip], { encoding: "utf8", maxBuffer: 64 << 20 });
  assert.match(tested, /No errors detected/, "unzip finds errors in the ZIP");
  const names = execFileSync("unzip", ["-Z1", zip], { encoding: "utf8", maxBuffer: 64 << 20 }).trim().split("\n");
  assert.equal(names.length, files.size + 5, "the ZIP must hold every file, a manifest and four tags");
  const manifestName = names.find((name) => name.endsWith("/manifest-sha256.txt"));
  const manifest = execFileSync("unzip", ["-p", zip, manifestName], { encoding: "utf8" });
  for (const [path, bytes] of files) {
    assert.ok(names.some((name) => name.endsWith(`${folderName}/${path}`)), `${path} is missing in the ZIP`);
    assert.ok(manifest.split("\n").some((line) => line.startsWith(sha256(bytes)) && line.endsWith(path)), `the manifest has no right line for ${path}`);
  }
  stage.say(`the ZIP is whole: ${files.size} files and the manifest`);
}

async function looksInside(stage, page, id) {
  await page.goto(`/records/${id}`);
  await page.locator(`a[href="/records/${id}/view"]`).first().click();
  await page.waitForURL("**/view*");
  const start = Date.now();
  await page.waitForSelector("#viewer[data-ready=true]", { timeout: 120_000 });
  stage.say(`the viewer showed the first piece after ${Math.round((Date.now() - start) / 100) / 10} s`);
  await page.waitForTimeout(4000);
  await stage.shot(page, "viewer", { fullPage: false });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/records/${id}`);
  await picturesAreThere(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `on a phone the entry page is ${wide} px too wide`);
  await stage.shot(page, "phone");
}
