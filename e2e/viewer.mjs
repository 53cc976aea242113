// node viewer.mjs OUT.png [ADDRESS] : opens the viewer in a real browser, waits for the first
// piece of the volume, and takes a picture on a desktop and on a phone. Without an
// address the gallery is used, with SCIENCE3D_GALLERY_VOLUMES/bone.ome.zarr as volume.
import { serveGallery } from "../frontend/gallery/serve.mjs";
import { desktop, openBrowser, phone } from "./browser.mjs";

const [out = "viewer.png", given] = process.argv.slice(2);
const gallery = given ? null : await serveGallery();
const address = given ?? `${gallery.url}/viewer`;
let failed = false;
for (const [dress, viewport] of [["", desktop], ["-phone", phone]]) {
  const { context, close } = await openBrowser({ viewport });
  const page = await context.newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && console.log(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => console.log(`page error: ${error}`));
  page.on("requestfailed", (request) => console.log(`failed: ${request.method()} ${request.url()} ${request.headers()["range"] ?? ""} ${request.failure()?.errorText}`));
  page.on("response", (response) => response.status() >= 400 && console.log(`${response.status()} ${response.url()}`));
  const start = Date.now();
  await page.goto(address, { waitUntil: "load" });
  await page.screenshot({ path: out.replace(/\.png$/, `${dress}-before.png`) });
  try {
    await page.waitForSelector("#viewer[data-ready=true]", { timeout: 60_000 });
    console.log(`first piece after ${Date.now() - start} ms`);
    await page.waitForTimeout(6000);
  } catch (error) {
    failed = true;
    console.log(String(error));
  }
  console.log(decodeURIComponent(new URL(page.url()).hash));
  await page.screenshot({ path: out.replace(/\.png$/, `${dress}.png`) });
  await close();
}
gallery?.server.close();
process.exit(failed ? 1 : 0);
