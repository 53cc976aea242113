import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { readFacts, startState, viewFromHash, hashFromView, applyView, numbersIn, saneWindow, sanitizeView, drawsInSoftware, directionOfView } = await load("viewer/state.ts");
const data = { volumeUrl: "/records/r/volumes/v.ome.zarr", shape: "100,200,400", voxelUm: "4,2,2", window: "10,90", range: "0,255", title: "T" };
const facts = readFacts(data, "http://host:1/records/r/view");

test("facts are read from the attributes, and what is wrong is named", () => {
  assert.equal(facts.url, "http://host:1/records/r/volumes/v.ome.zarr/");
  assert.deepEqual(facts.shape, [100, 200, 400]);
  assert.throws(() => readFacts({ ...data, shape: "1,2" }, "http://h/"), /data-shape/);
  assert.throws(() => readFacts({ ...data, volumeUrl: undefined }, "http://h/"), /data-volume-url/);
  assert.equal(readFacts({ ...data, voxelUm: "" }, "http://h/").voxelSizeUm, null);
  assert.equal(numbersIn("1,,2", 3), null);
});

test("the first state shows the whole volume, centred, in metres, x y z", () => {
  const state = startState(facts, 400);
  assert.deepEqual(state.position, [200, 100, 50]);
  assert.deepEqual(Object.keys(state.dimensions), ["x", "y", "z"]);
  assert.deepEqual(state.dimensions.z, [4e-6, "m"]);
  assert.equal(state.layers[0].source, "http://host:1/records/r/volumes/v.ome.zarr/|zarr3:");
  assert.deepEqual(state.layers[0].shaderControls.normalized, { range: [10, 90], window: [0, 255] });
  // The longest side, 400 voxels of the smallest size, fits into the panel with some air.
  assert.ok(400 / state.crossSectionScale < 400 && 400 / state.crossSectionScale > 300);
  assert.match(state.layers[0].shader, /vec3\(1\.0000, 1\.0000, 2\.0000\)/);
});

test("a volume without a voxel size is shown in voxels", () => {
  const state = startState({ ...facts, voxelSizeUm: null }, 400);
  assert.equal(state.dimensions, undefined);
  assert.deepEqual(state.displayDimensions, ["x", "y", "z"]);
});

test("a constant volume has a window all the same", () => {
  assert.deepEqual(saneWindow([5, 5]), [5, 6]);
  assert.deepEqual(saneWindow([9, 2]), [9, 10]);
});

test("a link brings the view back, and nothing else", () => {
  const view = { position: [1.5, 2, 3], crossSectionScale: 0.5, projectionOrientation: [0, 0, 0, 1], projectionScale: 300, layout: "3d", window: [5, 50] };
  assert.deepEqual(viewFromHash(hashFromView(view)), view);
  const hostile = { ...view, layers: [{ source: "https://elsewhere/" }], title: "x", layout: "evil", window: [1, "2"] };
  const { layout, window, ...kept } = view;
  assert.deepEqual(sanitizeView(hostile), kept);
  assert.equal(applyView(startState(facts, 400), sanitizeView(hostile)).layers[0].source.startsWith("http://host:1/"), true);
});

test("a broken link opens the first view", () => {
  for (const hash of ["", "#files", "#!", "#!{\"position\":[1,2", "#!%", "#!null", "#!{\"position\":[1,null,2]}"]) assert.deepEqual(viewFromHash(hash), {});
});

test("the window of a link goes into the shader's control", () => {
  const state = applyView(startState(facts, 400), { window: [20, 30] });
  assert.deepEqual(state.layers[0].shaderControls.normalized, { range: [20, 30], window: [0, 255] });
  assert.equal(state.window, undefined);
});

test("without a graphics card the rays take fewer steps", () => {
  assert.equal(drawsInSoftware("ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)"), true);
  assert.equal(drawsInSoftware("ANGLE (NVIDIA, NVIDIA GeForce RTX 3060, OpenGL 4.5)"), false);
  const samples = (slowGraphics) => startState(facts, 400, { slowGraphics }).layers[0].volumeRenderingDepthSamples;
  assert.ok(samples(true) < samples(false) / 2);
});

test("a view becomes the direction from which the record's picture is drawn", () => {
  const half = Math.SQRT1_2;
  // Straight on the slices, as when they are first shown: the eye is where the first slice is, below.
  assert.equal(directionOfView([0, 0, 0, 1]).elevationDeg, -89);
  // Rows go away from the eye, slices lie flat.
  assert.deepEqual(directionOfView([half, 0, 0, half]), { azimuthDeg: 90, elevationDeg: 0 });
  assert.deepEqual(directionOfView([-half, 0, 0, half]), { azimuthDeg: -90, elevationDeg: 0 });
  assert.deepEqual(directionOfView([0, half, 0, half]), { azimuthDeg: 180, elevationDeg: 0 });
  // An orientation that is not of length one, from a hand-made link, is no other direction.
  assert.deepEqual(directionOfView([-2, 0, 0, 2]), directionOfView([-half, 0, 0, half]));
});
