// Pages for everybody: no serious finding of axe in both languages on desktop and phone, the keyboard
// reaches everything and one sees where it is, and everything works without JavaScript.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPage } from "../axe.mjs";
import { desktop, phone } from "../browser.mjs";
import { ByApi, completeMetadata } from "../by_api.mjs";
import { play, until } from "../play.mjs";
import { ownSlices } from "../tiff_pages.mjs";

const slices = ownSlices(32);
const pagesForAnyone = ({ released, closed, withdrawn }) => ["/", "/search", "/search?q=shell", `/records/${released}`, `/records/${closed}`, `/records/${withdrawn}`, "/sign-in", "/sign-up", "/about", "/api/docs", "/records/000000000"];
const pagesForOwner = ({ draft, closed, released }) => [`/deposit/${draft}`, "/deposit", `/deposit/${draft}/register`, `/deposit/${closed}`, `/deposit/${closed}/withdraw`, `/deposit/${draft}/team`, `/records/${released}`, "/account", "/account/tokens", "/account/profile"];

await play("accessible", async (stage) => {
  const owner = await stage.person("Ada Lovelace");
  await owner.goto("/account");
  const records = await makeRecords(stage, owner);
  const faults = [...(await readByAxe(stage, owner, records)), ...(await walkByKeyboard(stage, owner, records)), ...(await readWithoutScript(stage, records))];
  await depositWithoutScript(stage);
  assert.deepEqual(faults, [], `${faults.length} things stand in somebody's way`);
});

async function makeRecords(stage, owner) {
  const api = new ByApi(owner);
  const make = async (title) => {
    const id = await api.create("tomography-biology", completeMetadata(title));
    for (const [number, slice] of slices.entries()) await api.upload(id, `slices/slice_${String(number).padStart(3, "0")}.tif`, slice);
    return id;
  };
  const [released, closed, withdrawn, draft] = [await make("Shell of a small snail"), await make("A closed shell"), await make("A withdrawn shell"), await make("A shell in the making")];
  for (const id of [released, closed, withdrawn]) await api.step(id, "register");
  for (const id of [released, withdrawn]) await api.step(id, "release");
  await api.step(withdrawn, "withdraw", { reason: "The wrong sample was measured." });
  await until("the small volume and its pictures are made", async () => {
    await owner.goto(`/records/${released}`);
    return (await owner.locator(".hero-picture img").count()) > 0;
  }, { seconds: 120, everyMilliseconds: 1000 });
  return { released, closed, withdrawn, draft };
}

async function readByAxe(stage, owner, records) {
  const faults = [];
  const session = await owner.context().storageState();
  let count = 0;
  for (const locale of ["en-GB", "de-DE"]) {
    for (const viewport of [desktop, phone]) {
      for (const [who, addresses, storageState] of [["anyone", pagesForAnyone(records), undefined], ["owner", pagesForOwner(records), session]]) {
        // Light and dark take turns: each page is seen in both, each language and size too.
        const page = await stage.visitor({ locale, viewport, storageState, colorScheme: (locale === "en-GB") === (viewport === desktop) ? "light" : "dark" });
        for (const address of addresses) {
          await page.goto(address, { waitUntil: "load" });
          count += 1;
          const dress = `${address} ${locale.slice(0, 2)} ${viewport.width}px`;
          assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2), `${dress} speaks another language`);
          for (const found of await checkPage(page)) {
            if (["serious", "critical"].includes(found.impact)) faults.push(`${found.impact}: ${found.id} (${found.help}) ${dress}: ${found.where.slice(0, 3).join(" | ")}`);
          }
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) faults.push(`${dress} is ${wide} px too wide`);
          const broken = await page.evaluate(() => {
            document.querySelectorAll("img").forEach((image) => (image.loading = "eager"));
            const loaded = [...document.images].map((image) => image.decode().then(() => null, () => image.getAttribute("src")));
            return Promise.all(loaded).then((sources) => sources.filter(Boolean));
          });
          if (broken.length > 0) faults.push(`${dress} shows broken pictures: ${broken.join(", ")}`);
          if ((await page.locator("h1").count()) !== 1) faults.push(`${dress} has ${await page.locator("h1").count()} first headings`);
          await stage.shot(page, `${who}-${locale.slice(0, 2)}-${viewport.width}${address.replace(/[^a-z0-9]+/gi, "-")}`);
        }
        await page.context().close();
      }
    }
  }
  stage.say(`axe looked at ${count} pages`);
  return faults;
}

async function walkByKeyboard(stage, owner, records) {
  const faults = [];
  const session = await owner.context().storageState();
  const page = await stage.visitor({ storageState: session });
  for (const address of ["/", "/search", `/records/${records.released}`, `/deposit/${records.draft}`]) {
    await page.goto(address, { waitUntil: "load" });
    await page.keyboard.press("Tab");
    const first = await focused(page);
    if (!first.classes.includes("skip-link")) faults.push(`${address}: the first stop of the keyboard is not the way to the content but ${first.words}`);
    else if (!first.seen) faults.push(`${address}: the way to the content stays hidden when the keyboard is on it`);
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press("Tab");
      const here = await focused(page);
      if (here.classes.includes("skip-link") || here.tag === "BODY") break;
      if (!here.ring || !here.seen) faults.push(`${address}: one does not see that the keyboard is on ${here.words} (${here.why})`);
    }
    await page.goto(address, { waitUntil: "load" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const after = await page.evaluate(() => document.activeElement?.id);
    if (after !== "main") faults.push(`${address}: the way to the content leads to “${after}”`);
  }
  await page.context().close();
  return faults;
}

/** Where the keyboard is, and whether one sees it: an outline around it, its label, or the card whose link it is. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label = element.closest("label");
    const ringOf = (one, part) => {
      const style = getComputedStyle(one, part);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    };
    const shown = element.matches(".visually-hidden, [type=radio], [type=checkbox]") ? (label ?? element) : element;
    const box = shown.getBoundingClientRect();
    const seen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const over = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, box.left + Math.min(box.width, 40) / 2)), Math.min(innerHeight - 1, Math.max(0, box.top + box.height / 2)));
    const covered = seen && over && !shown.contains(over) && !over.contains(shown) && over.closest(".action-bar") !== null && shown.closest(".action-bar") === null;
    return {
      tag: element.tagName,
      classes: [...element.classList],
      words: `<${element.tagName.toLowerCase()} ${element.id || element.className}> ${(element.textContent || element.getAttribute("aria-label") || "").trim().slice(0, 40)}`,
      ring: [element, label].some((one) => one && (ringOf(one) || ringOf(one, "::after"))),
      seen: seen && !covered,
      why: covered ? "the bar at the bottom covers it" : seen ? "no outline" : `it lies at ${Math.round(box.left)},${Math.round(box.top)} with ${Math.round(box.width)}×${Math.round(box.height)}`,
    };
  });
}

async function readWithoutScript(stage, records) {
  const faults = [];
  const page = await stage.visitor({ javaScriptEnabled: false, viewport: phone });
  const tells = async (address, words) => {
    await page.goto(address);
    const text = await page.locator("body").innerText();
    for (const word of words) if (!text.includes(word)) faults.push(`without JavaScript ${address} does not show “${word}”`);
    await stage.shot(page, `plain${address.replace(/[^a-z0-9]+/gi, "-")}`);
  };
  await tells("/", ["Latest", "Shell of a small snail"]);
  await tells("/search?q=shell", ["Shell of a small snail"]);
  await tells(`/records/${records.released}`, ["Shell of a small snail", "Ada Lovelace", "Littorina littorea", "slices", "How to cite", "BibTeX", "10."]);
  await tells(`/records/${records.released}?folder=slices`, ["slice_000.tif"]);
  await tells(`/records/${records.released}/view`, ["The viewer needs JavaScript"]);
  if ((await page.locator("#viewer img.picture").count()) === 0) faults.push("without JavaScript the viewer shows no picture");
  await page.context().close();
  return faults;
}

async function depositWithoutScript(stage) {
  const page = await stage.person("Mary Anning", { javaScriptEnabled: false });
  await page.goto("/deposit");
  await page.check('input[value="tomography-materials"]', { force: true });
  await page.click("main form button.button-primary");
  await page.waitForURL(/\/deposit\/[^/]+$/);
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const file = join(stage.scratch, "slice.tif");
  writeFileSync(file, slices[16]);
  await page.setInputFiles("input[data-choose=files]", file);
  await page.click("#files-upload button[type=submit]");
  await page.waitForURL(new RegExp(`/deposit/${id}\\?saved=1#files$`));
  assert.ok((await page.locator("#files").innerText()).includes("slice.tif"), "the file sent by the plain form is not listed");
  await page.goto(`/deposit/${id}/register`);
  assert.ok((await page.locator(".error-summary li").count()) > 0, "the page before registering does not say what is missing");
  await page.goto(`/deposit/${id}`);
  const knows = { title: "A sandstone", creators: "Anning, Mary", description: "Grains and the pores between them.", material: "sandstone", facility: "Example Light Source", voxel_size_um: "2,5" };
  for (const [name, value] of Object.entries(knows)) await page.fill(`#${name}`, value);
  await page.fill("#licence", "CC-BY-4.0");
  await page.fill("#technique", "x-ray microtomography");
  await page.click(".form-actions button:has-text('Save')");
  await page.waitForURL(`**/deposit/${id}*`);
  assert.ok((await page.locator(".notice-good").count()) > 0, `the plain form was not saved: ${await page.locator("main").innerText()}`);
  await stage.shot(page, "plain-saved");
  await page.click("[data-readiness-button=register]");
  await page.waitForURL("**/register");
  await page.click("main form button.button-primary");
  await page.waitForURL(`**/records/${id}`);
  assert.match(await page.locator(".entry-doi").innerText(), /10\.\d+\//, "without JavaScript registering shows no DOI");
  stage.say("deposited and registered without JavaScript");
}
