// Draws the icons that neuroglancer imports by name. The upstream icon set is only
// reachable as a git dependency, which no plain package registry can deliver, so we
// draw our own: 24 by 24, one stroke, no fill. Run `node draw.mjs` after a change.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const shapes = {
  "arrow-left": '<path d="M20 12H4M10 6l-6 6 6 6"/>',
  "arrow-right": '<path d="M4 12h16M14 6l6 6-6 6"/>',
  "arrow-up": '<path d="M12 20V4M6 10l6-6 6 6"/>',
  bin: '<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"/>',
  camera: '<path d="M3 8h4l2-3h6l2 3h4v11H3z"/><circle cx="12" cy="13" r="3.5"/>',
  close: '<path d="M5 5l14 14M19 5L5 19"/>',
  "code-alt": '<path d="M8 7l-5 5 5 5M16 7l5 5-5 5M14 4l-4 16"/>',
  "controls-alt": '<path d="M6 4v6M6 14v6M12 4v2M12 10v10M18 4v9M18 17v3"/><circle cx="6" cy="12" r="2"/><circle cx="12" cy="8" r="2"/><circle cx="18" cy="15" r="2"/>',
  copy: '<path d="M8 8h12v12H8zM16 8V4H4v12h4"/>',
  cursor: '<path d="M5 3l14 8-6 2-3 6z"/>',
  eye: '<path d="M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7z"/><circle cx="12" cy="12" r="3"/>',
  "eye-crossed": '<path d="M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7zM4 20L20 4"/>',
  filter: '<path d="M3 5h18l-7 8v6l-4-2v-4z"/>',
  help: '<circle cx="12" cy="12" r="9"/><path d="M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.300-1 .8-1 1.700M12 16.500v.5"/>',
  layers: '<path d="M12 3l9 5-9 5-9-5zM3 12l9 5 9-5M3 16l9 5 9-5"/>',
  list: '<path d="M8 6h13M8 12h13M8 18h13M3 6h1M3 12h1M3 18h1"/>',
  maximise: '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
  pause: '<path d="M8 5v14M16 5v14"/>',
  play: '<path d="M7 4l12 8-12 8z"/>',
  plus: '<path d="M12 4v16M4 12h16"/>',
  rotate: '<path d="M20 12a8 8 0 1 1-2.500-5.800M20 3v4h-4"/>',
  search: '<circle cx="10.500" cy="10.500" r="6.500"/><path d="M15.500 15.500L21 21"/>',
  settings: '<circle cx="12" cy="12" r="3.500"/><path d="M12 2.500v3M12 18.500v3M2.500 12h3M18.500 12h3M5.300 5.300l2.100 2.100M16.600 16.600l2.100 2.100M5.300 18.700l2.100-2.100M16.600 7.400l2.100-2.100"/>',
  star: '<path d="M12 3l2.800 5.800 6.200.9-4.500 4.400 1.100 6.300L12 17.400l-5.600 3 1.100-6.300L3 9.700l6.200-.9z"/>',
  tool: '<path d="M14 6a4.500 4.500 0 0 1 6-1l-3 3 1.500 1.500 2.500-2.500a4.500 4.500 0 0 1-6 5.500L8 20l-4-4 7.500-7A4.500 4.500 0 0 1 14 6z"/>',
  video: '<path d="M3 6h12v12H3zM15 10l6-3v10l-6-3"/>',
};

const folder = join(dirname(fileURLToPath(import.meta.url)), "icons");
mkdirSync(folder, { recursive: true });
for (const [name, shape] of Object.entries(shapes)) {
  writeFileSync(
    join(folder, `${name}.svg`),
    `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shape}</svg>\n`,
  );
}
