// Serves the gallery on the loopback with the security headers of the real server:
// pages from pages.mjs, stand-in pictures, dist/ as /assets, and a folder of volumes
// (SCIENCE3D_GALLERY_VOLUMES) with Range and HEAD for the viewer.
import { createServer } from "node:http";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { draw } from "./draw.mjs";
import { pages } from "./pages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "..", "dist");
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml", ".png": "image/png" };
const drawn = new Map();

function picture(name) {
  if (!drawn.has(name)) {
    const [solid, form, axis] = name.split("-");
    const sizes = { square: [640, 640], wide: [960, 640], slice: [320, 320] };
    const [width, height] = sizes[form] ?? [480, 360];
    drawn.set(name, draw(solid, { width, height, slice: form === "slice", spin: axis === "y" ? 1.4 : 0.6 }));
  }
  return drawn.get(name);
}

function sendFile(request, response, path, headers) {
  if (!existsSync(path) || !statSync(path).isFile()) return response.writeHead(404, { "content-type": "text/plain" }).end("not here");
  const size = statSync(path).size;
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  let [from, to] = [0, size - 1];
  if (range) {
    if (range[1] === "") from = Math.max(0, size - Number(range[2]));
    else [from, to] = [Number(range[1]), range[2] === "" ? size - 1 : Math.min(size - 1, Number(range[2]))];
    headers["content-range"] = `bytes ${from}-${to}/${size}`;
  }
  response.writeHead(range ? 206 : 200, { "accept-ranges": "bytes", "content-length": to - from + 1, ...headers });
  if (request.method === "HEAD" || size === 0) return response.end();
  createReadStream(path, { start: from, end: to }).pipe(response);
}

/** Starts the gallery; `extra(request, response)` may answer first and then returns true. */
export function serveGallery({ port = 0, volumes = process.env.SCIENCE3D_GALLERY_VOLUMES, extra = () => false } = {}) {
  const server = createServer((request, response) => {
    if (extra(request, response)) return;
    const { pathname, searchParams } = new URL(request.url, "http://gallery");
    const path = normalize(decodeURIComponent(pathname));
    const [, first, ...rest] = path.split("/");
    if (first === "assets") {
      const evaluates = /^async_computation\.bundle-/.test(rest[0]);
      const headers = { "content-type": types[extname(path)] ?? "application/octet-stream", "content-security-policy": evaluates ? policy.replace("'wasm-unsafe-eval'", "'wasm-unsafe-eval' 'unsafe-eval'") : policy };
      return sendFile(request, response, join(assets, ...rest), headers);
    }
    if (first === "pictures") return response.writeHead(200, { "content-type": "image/png" }).end(picture(rest[0].replace(".png", "")));
    if (first === "volumes" && volumes) return sendFile(request, response, join(volumes, ...rest), { "content-type": "application/octet-stream" });
    const headers = { "content-type": types[".html"], "content-security-policy": policy };
    if (path === "/favicon.ico") return response.writeHead(204).end();
    if (path === "/") return response.writeHead(200, headers).end(readFileSync(join(here, "..", "gallery.html")));
    if (pages[first]) return response.writeHead(200, headers).end(pages[first](searchParams));
    response.writeHead(404, headers).end("not here");
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}` })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serveGallery({ port: 8090 });
  console.log(url);
}
