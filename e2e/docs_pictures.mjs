// Takes pictures of every kind of page of a running server, for the documentation and for looking at them.
// Usage: SCIENCE3D_URL=… [SCIENCE3D_SIGN_IN=…] node e2e/docs_pictures.mjs FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { desktop, openBrowser, phone } from "./browser.mjs";

const url = process.env.SCIENCE3D_URL;
const folder = process.argv[2] ?? "docs/pictures";
if (!url) throw new Error("SCIENCE3D_URL must name a running server");
mkdirSync(folder, { recursive: true });

/** Addresses of records by the beginning of their title, from the public search. */
async function recordsByTitle() {
  const answer = await fetch(`${url}/api/v1/search?limit=50`);
  const page = await answer.json();
  return new Map(page.items.map((hit) => [hit.title, `/records/${hit.id}`]));
}

async function take(context, name, path, options = {}) {
  const page = await context.newPage();
  await page.setViewportSize(options.size ?? desktop);
  await page.emulateMedia({ colorScheme: options.dark ? "dark" : "light" });
  await page.goto(url + path, { waitUntil: "load", timeout: 60_000 });
  await page.waitForTimeout(options.wait ?? 300);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: options.fullPage ?? false });
  await page.close();
  console.log(`${name}.png  ${path}`);
}

const { context, close } = await openBrowser();
try {
  const records = await recordsByTitle();
  const shell = [...records].find(([title]) => title.startsWith("Coiled shell"))?.[1];
  const text = [...records].find(([title]) => title.startsWith("Caecilian"))?.[1];
  if (!shell || !text) throw new Error(`the demonstration is not complete: ${[...records.keys()].join("; ")}`);
  await take(context, "home", "/");
  await take(context, "home-phone", "/", { size: phone });
  await take(context, "home-dark", "/", { dark: true });
  await take(context, "search", "/search?q=bone");
  await take(context, "search-phone", "/search?q=bone", { size: phone });
  await take(context, "entry", shell);
  await take(context, "entry-whole", shell, { fullPage: true });
  await take(context, "entry-phone", shell, { size: phone, fullPage: true });
  await take(context, "publication", text);
  await take(context, "viewer", `${shell}/view`, { wait: 20_000 });
  await take(context, "model", `${shell}/model`, { wait: 20_000, fullPage: true });
  await take(context, "model-phone", `${shell}/model`, { size: phone, wait: 20_000, fullPage: true });
  await take(context, "api", "/api/docs");
  if (process.env.SCIENCE3D_SIGN_IN) {
    const page = await context.newPage();
    await page.goto(process.env.SCIENCE3D_SIGN_IN, { waitUntil: "load" });
    await Promise.all([page.waitForURL((address) => address.pathname.startsWith("/account")), page.click("main form button")]);
    await page.close();
    await take(context, "deposit", "/deposit");
    await take(context, "account", "/account");
    await take(context, "admin", "/admin");
  }
  // Last, because the language is remembered.
  await take(context, "entry-german", `${shell}?lang=de`);
} finally {
  await close();
}
