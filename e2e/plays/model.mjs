// An uploaded model: its picture stands there without any script, the viewer measures in real units by mouse, touch and keyboard, the first
// level is small, AR is offered to devices that have it, and a teacher chooses a kit for the school's printer without script.
import assert from "node:assert/strict";
import { desktop, phone } from "../browser.mjs";
import { ByApi, completeMetadata } from "../by_api.mjs";
import { play, until } from "../play.mjs";

const edgeMillimetres = 20;
const firstLevelBytesMax = 1_500_000;
const fields = 180;

/** A cube of 20 mm as binary STL whose sides are waves of a hundredth of a millimetre: too many triangles for a screen. */
function wavyCube() {
  const triangles = 6 * fields * fields * 2;
  const bytes = Buffer.alloc(84 + triangles * 50);
  bytes.writeUInt32LE(triangles, 80);
  let at = 84;
  const place = (axis, side, u, v) => {
    const out = [0, 0, 0];
    const inside = (part) => part > 0 && part < fields;
    const wave = inside(u) && inside(v) ? 0.01 * Math.sin(u * 1.7) * Math.cos(v * 1.3) : 0;
    out[axis] = side * edgeMillimetres + wave;
    out[(axis + 1) % 3] = (u / fields) * edgeMillimetres;
    out[(axis + 2) % 3] = (v / fields) * edgeMillimetres;
    return out;
  };
  const facet = (corners) => {
    at += 12;
    for (const corner of corners) for (const part of corner) at = bytes.writeFloatLE(part, at);
    at += 2;
  };
  for (const axis of [0, 1, 2])
    for (const side of [0, 1])
      for (let u = 0; u < fields; u++)
        for (let v = 0; v < fields; v++) {
          const [a, b, c, d] = [place(axis, side, u, v), place(axis, side, u + 1, v), place(axis, side, u + 1, v + 1), place(axis, side, u, v + 1)];
          for (const corners of [[a, b, c], [a, c, d]]) facet(side === 1 ? corners : corners.toReversed());
        }
  return bytes;
}

/** Leftmost and rightmost places of the page where the viewer meets the body in its middle row. */
function ends(page) {
  return page.locator("model-viewer").evaluate(async (viewer) => {
    viewer.cameraOrbit = "0deg 90deg 150%";
    viewer.jumpCameraToGoal();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { left, top, width, height } = viewer.getBoundingClientRect();
    const y = top + height / 2;
    const hits = [];
    for (let x = left; x < left + width; x++) if (viewer.positionAndNormalFromPoint(x, y)) hits.push(x);
    return { y, left: hits[0] + 1, right: hits.at(-1) - 1 };
  });
}

function millimetres(words) {
  const found = /([\d.,]+)\s*mm/.exec(words);
  assert.ok(found, `“${words}” is no distance in millimetres`);
  return Number(found[1].replace(",", "."));
}

const near = (found) => assert.ok(Math.abs(found / edgeMillimetres - 1) < 0.03, `${found} mm instead of ${edgeMillimetres}`);

await play("model", async (stage) => {
  const owner = await stage.person("Ada Lovelace");
  await owner.goto("/account");
  const api = new ByApi(owner);
  const { sample: _sample, acquisition: _acquisition, ...metadata } = completeMetadata("A wavy cube");
  const id = await api.create("model", metadata);
  await api.upload(id, "cube.stl", wavyCube());
  await api.step(id, "register");
  await until("the model is made", async () => {
    assert.deepEqual(await api.failures(id), []);
    return (await owner.request.get(`/records/${id}/models/cube.glb`)).ok();
  }, { seconds: 600, everyMilliseconds: 3_000 });
  await api.step(id, "release");

  // Without script: the picture, the facts, and a kit in the size that the school's printer takes.
  const plain = await stage.visitor({ viewport: phone, javaScriptEnabled: false });
  await plain.goto(`/records/${id}/model`);
  const poster = plain.locator("#model img");
  await poster.waitFor();
  assert.equal(await poster.evaluate((image) => image.naturalWidth), 1280);
  await stage.shot(plain, "plain-phone");
  await plain.locator("summary").first().click();
  await plain.fill("#kit-size", "120");
  await plain.selectOption("#kit-base", "letters");
  await Promise.all([plain.waitForURL(/\/kit\?/), plain.locator("form[action$='/kit'] button").click()]);
  await stage.shot(plain, "kit-coming");
  await until("the kit is made", async () => {
    await plain.reload();
    return (await plain.locator("a[download]").count()) > 0;
  }, { seconds: 300, everyMilliseconds: 2_000 });
  await stage.shot(plain, "kit-ready");
  const kit = await plain.request.get(await plain.locator("a[download]").getAttribute("href"));
  assert.ok(kit.ok() && (await kit.body()).includes("on-base-120-mm.3mf"), "the kit has the print on its base");

  for (const viewport of [desktop, phone]) {
    const page = await stage.visitor({ viewport, hasTouch: viewport === phone });
    const first = page.waitForResponse((response) => response.url().endsWith("/cube.glb"));
    await page.goto(`/records/${id}/model`);
    const bytes = (await (await first).body()).length;
    stage.say(`${viewport.width} px: the first level has ${bytes} bytes`);
    assert.ok(bytes <= firstLevelBytesMax, `${bytes} bytes`);
    await until("the model is shown", () => page.locator("model-viewer").evaluate((viewer) => viewer.loaded), { seconds: 60 });
    assert.deepEqual(await page.locator("model-viewer").evaluate((viewer) => [viewer.ar, viewer.getAttribute("ar-modes")]), [true, "webxr quick-look"]);
    await stage.shot(page, `shown-${viewport.width}`);

    await page.locator(".model-tools button").first().click();
    const { y, left, right } = await ends(page);
    for (const x of [left, right]) await (viewport === phone ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
    const status = page.locator(".model-status");
    await until("a distance is told", async () => /\d/.test(await status.textContent()));
    near(millimetres(await status.textContent()));
    await stage.shot(page, `measured-${viewport.width}`);

    // The same without a pointer: what lies in the middle is marked, the model is turned, and marked again.
    await page.locator(".model-tools button").first().click();
    await page.locator(".model-tools button").first().click();
    await page.locator("model-viewer .userInput").focus();
    const before = await page.locator("model-viewer").evaluate((viewer) => viewer.getCameraOrbit().theta);
    await page.keyboard.press("Enter");
    for (let turn = 0; turn < 6; turn++) await page.keyboard.press("ArrowLeft");
    await until("the model turns", async () => Math.abs((await page.locator("model-viewer").evaluate((viewer) => viewer.getCameraOrbit().theta)) - before) > 0.5);
    await page.keyboard.press("Enter");
    await until("a distance is told", async () => /mm|µm/.test(await status.textContent()));
    const across = millimetres(await status.textContent());
    stage.say(`${viewport.width} px: ${across} mm by keyboard`);
    assert.ok(across > 1 && across < edgeMillimetres * 1.5, `${across} mm`);
    await stage.shot(page, `by-keyboard-${viewport.width}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
    await page.context().close();
  }

  const found = await stage.visitor();
  await until("the picture stands for the record", async () => {
    await found.goto("/search?q=wavy");
    return (await found.locator(`img[src="/records/${id}/pictures/thumb.jpg"]`).count()) > 0;
  }, { seconds: 30, everyMilliseconds: 1_000 });
  await stage.shot(found, "found");
});
