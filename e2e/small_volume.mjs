// Writes a small OME-Zarr 0.5 (two levels, plain chunks) of a hollow ball, so that a play
// of the viewer needs no other program.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const chunk = 32;

function writeLevel(folder, size) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "zarr.json"), JSON.stringify({
    zarr_format: 3,
    node_type: "array",
    shape: [size, size, size],
    data_type: "uint8",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [chunk, chunk, chunk] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes" }],
    dimension_names: ["z", "y", "x"],
  }));
  for (let cz = 0; cz < size / chunk; cz += 1) {
    for (let cy = 0; cy < size / chunk; cy += 1) {
      mkdirSync(join(folder, "c", String(cz), String(cy)), { recursive: true });
      for (let cx = 0; cx < size / chunk; cx += 1) {
        const voxels = Buffer.alloc(chunk ** 3);
        for (let at = 0; at < voxels.length; at += 1) {
          const place = [cx * chunk + (at % chunk), cy * chunk + (Math.floor(at / chunk) % chunk), cz * chunk + Math.floor(at / chunk / chunk)];
          const radius = Math.hypot(...place.map((one) => (one + 0.5) / size - 0.5)) * 2;
          voxels[at] = radius < 0.9 && radius > 0.55 ? 200 : 10;
        }
        writeFileSync(join(folder, "c", String(cz), String(cy), String(cx)), voxels);
      }
    }
  }
}

/** Makes `folder` a volume of 64³ voxels of 2 µm. */
export function writeSmallVolume(folder) {
  writeLevel(join(folder, "s0"), 64);
  writeLevel(join(folder, "s1"), 32);
  const dataset = (path, scale) => ({ path, coordinateTransformations: [{ type: "scale", scale: [scale, scale, scale] }] });
  writeFileSync(join(folder, "zarr.json"), JSON.stringify({
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: "0.5", multiscales: [{ name: "ball", axes: ["z", "y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" })), datasets: [dataset("s0", 2), dataset("s1", 4)] }] } },
  }));
}
