// A record with a volume gets a movie: it waits behind its poster, costs nothing before somebody presses play, plays in this browser
// by ranges, and closes with its record.
import assert from "node:assert/strict";
import { desktop, phone } from "../browser.mjs";
import { ByApi, completeMetadata } from "../by_api.mjs";
import { play, until } from "../play.mjs";
import { ownSlices } from "../tiff_pages.mjs";

/** A record page stays below this before 3D or a movie is asked for. */
const pageBytesMax = 300_000;

await play("movie", async (stage) => {
  const owner = await stage.person("Ada Lovelace");
  await owner.goto("/account");
  const api = new ByApi(owner);
  const id = await api.create("tomography-biology", completeMetadata("A shell that turns"));
  // Of few voxels each is large in the picture, and its light is worked out many times: 32³ takes five times as long as 128³.
  for (const [number, slice] of ownSlices(128).entries()) await api.upload(id, `slices/slice_${String(number).padStart(3, "0")}.tif`, slice);
  await api.step(id, "register");
  // Nobody looks meanwhile: a page that is drawn again and again takes the processor that films.
  await owner.goto("about:blank");
  const began = Date.now();
  await until("the movie is made", async () => (await api.record(id)).derivatives.some((made) => made.name === "turntable.mp4"), { seconds: 300, everyMilliseconds: 500 });
  stage.say(`made in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await owner.goto(`/records/${id}`);
  assert.equal(await owner.locator("video").count(), 2, "the body, and its slices");

  const stranger = await stage.visitor({ viewport: desktop });
  assert.equal((await stranger.request.get(`/records/${id}/pictures/turntable.mp4`)).status(), 403, "a closed record shows its movie to nobody");
  await api.step(id, "release");

  for (const viewport of [desktop, phone]) {
    const page = await stage.visitor({ viewport });
    const loaded = [];
    page.on("response", async (response) => loaded.push([response.url(), Number((await response.allHeaders())["content-length"] ?? 0)]));
    await page.goto(`/records/${id}`, { waitUntil: "networkidle" });
    assert.ok(!loaded.some(([url]) => url.endsWith(".mp4")), "nobody asked for the movie yet");
    const bytes = loaded.reduce((sum, [, length]) => sum + length, 0);
    stage.say(`${viewport.width} px: ${bytes} bytes in ${loaded.length} answers before the movie is asked for`);
    assert.ok(bytes < pageBytesMax, `the page takes ${bytes} bytes`);
    await page.locator("video").first().scrollIntoViewIfNeeded();
    await stage.shot(page, `poster-${viewport.width}`);
    const seen = await page.locator("video").first().evaluate(async (video) => {
      video.muted = true;
      await video.play();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const played = video.currentTime;
      video.currentTime = video.duration - 1;
      await new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
      return { width: video.videoWidth, height: video.videoHeight, duration: video.duration, played, error: video.error?.message ?? null };
    });
    stage.say(`played: ${JSON.stringify(seen)}`);
    assert.ok(seen.error === null && seen.width === 1280 && seen.height === 720 && seen.played > 0.5 && seen.duration > 8, JSON.stringify(seen));
    await stage.shot(page, `playing-${viewport.width}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
    await page.context().close();
  }
  const part = await stranger.request.get(`/records/${id}/pictures/turntable.mp4`, { headers: { range: "bytes=0-99" } });
  assert.equal(part.status(), 206);
  assert.equal(part.headers()["content-type"], "video/mp4");

  // At its own address a movie plays too.
  const alone = await stage.visitor({ viewport: desktop });
  await alone.goto(`/records/${id}/pictures/fly-through.mp4`);
  await until("the movie plays at its own address", () => alone.evaluate(() => document.querySelector("video")?.videoWidth === 1280), { seconds: 30 });
});
