// node gallery.mjs FOLDER [PAGE…] : pictures of every gallery page, desktop and phone, light and dark.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { serveGallery } from "../frontend/gallery/serve.mjs";
import { pages } from "../frontend/gallery/pages.mjs";
import { desktop, openBrowser, phone } from "./browser.mjs";

const [folder = "pictures", ...chosen] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { server, url } = await serveGallery();
const names = chosen.length > 0 ? chosen : Object.keys(pages).filter((name) => name !== "viewer");
for (const [dress, viewport, colorScheme] of [["desktop", desktop, "light"], ["phone", phone, "light"], ["dark", desktop, "dark"]]) {
  const { context, close } = await openBrowser({ viewport, colorScheme });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && console.log(`${dress}: ${message.text()}`));
  page.on("pageerror", (error) => console.log(`${dress}: ${error}`));
  for (const name of names) {
    await page.goto(`${url}/${name}`, { waitUntil: "load" });
    // Pictures that load lazily must be there before the whole page is taken.
    await page.evaluate(() => document.querySelectorAll("img[loading=lazy]").forEach((image) => (image.loading = "eager")));
    await page.waitForFunction(() => [...document.images].every((image) => image.complete));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) console.log(`${dress} ${name}: ${wide} px too wide`);
    await page.screenshot({ path: join(folder, `${name}-${dress}.png`), fullPage: true });
  }
  await close();
}
server.close();
