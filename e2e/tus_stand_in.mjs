// A small tus 1.0.0 server for plays of the upload island alone: keeps bytes in memory,
// can lose its network, and remembers what was sent so that a play can count.
import { createHash, randomUUID } from "node:crypto";

export class TusStandIn {
  uploads = new Map();
  /** Finished files: path → { size, sha256 }. */
  files = new Map();
  bytesReceived = 0;
  creations = 0;
  checks = [];
  patches = [];
  /** Whether it takes data together with the creation, and how many such it took. */
  takesDataWithCreation = false;
  createdWithData = 0;
  /** When set, every request is cut off without an answer. */
  down = false;

  /** Answers the request when it is ours. */
  handle(request, response) {
    const { pathname } = new URL(request.url, "http://stand-in");
    if (!pathname.startsWith("/api/v1/")) return false;
    if (this.down) {
      request.socket.destroy();
      return true;
    }
    if (pathname.endsWith("/files/check")) this.#json(request, response, (body) => this.#check(body));
    else if (request.method === "PATCH" && pathname.startsWith("/api/v1/records/")) this.#json(request, response, (body) => (this.patches.push(body), {}));
    else if (pathname === "/api/v1/uploads") this.#create(request, response);
    else if (pathname.startsWith("/api/v1/uploads/")) this.#upload(pathname.split("/").at(-1), request, response);
    else response.writeHead(404).end();
    return true;
  }

  #json(request, response, answer) {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      if (request.headers["x-csrf-token"] !== "gallery") return response.writeHead(403, { "content-type": "application/problem+json" }).end('{"detail":"The token is missing."}');
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer(JSON.parse(Buffer.concat(parts)))));
    });
  }

  #check({ paths }) {
    this.checks.push(paths.length);
    const wanted = new Set(paths.map(({ path }) => path));
    return {
      existing: [...this.files].filter(([path]) => wanted.has(path)).map(([path, { size, sha256 }]) => ({ path, size, sha256 })),
      unfinished: [...this.uploads].filter(([, one]) => wanted.has(one.path) && one.offset < one.length).map(([id, { path, offset, length }]) => ({ path, offset, length, upload_url: `/api/v1/uploads/${id}` })),
    };
  }

  #create(request, response) {
    const headers = { "tus-resumable": "1.0.0", "tus-version": "1.0.0", "tus-extension": this.takesDataWithCreation ? "creation,creation-with-upload,termination" : "creation,termination" };
    if (request.method === "OPTIONS") return response.writeHead(204, headers).end();
    if (request.headers["x-csrf-token"] !== "gallery") return response.writeHead(403, headers).end("The token is missing.");
    const metadata = Object.fromEntries(request.headers["upload-metadata"].split(",").map((pair) => pair.split(" ")).map(([key, value]) => [key, Buffer.from(value ?? "", "base64").toString()]));
    if (metadata.path.includes("forbidden")) return response.writeHead(422, { ...headers, "content-type": "application/problem+json" }).end(JSON.stringify({ title: "Refused", detail: "This name is not allowed.", hint: "Rename it." }));
    const id = randomUUID();
    const length = Number(request.headers["upload-length"]);
    this.uploads.set(id, { path: metadata.path, record: metadata.record, replace: metadata.replace, length, offset: 0, hash: createHash("sha256") });
    this.creations += 1;
    if (length === 0) this.#finish(id);
    const upload = this.uploads.get(id);
    if (request.headers["content-type"] === "application/offset+octet-stream") this.createdWithData += 1;
    request.on("data", (part) => this.#take(upload, part));
    request.on("end", () => {
      if (length > 0 && upload.offset === length) this.#finish(id);
      response.writeHead(201, { ...headers, location: `/api/v1/uploads/${id}`, "upload-offset": upload.offset }).end();
    });
  }

  #upload(id, request, response) {
    const upload = this.uploads.get(id);
    const headers = { "tus-resumable": "1.0.0", "cache-control": "no-store" };
    if (!upload) return response.writeHead(404, headers).end();
    if (request.method === "HEAD") return response.writeHead(200, { ...headers, "upload-offset": upload.offset, "upload-length": upload.length }).end();
    if (Number(request.headers["upload-offset"]) !== upload.offset) return response.writeHead(409, headers).end();
    request.on("data", (part) => this.#take(upload, part));
    request.on("end", () => {
      if (upload.offset === upload.length) this.#finish(id);
      response.writeHead(204, { ...headers, "upload-offset": upload.offset }).end();
    });
  }

  #take(upload, part) {
    upload.hash.update(part);
    upload.offset += part.length;
    this.bytesReceived += part.length;
    this.onBytes?.(this.bytesReceived);
  }

  #finish(id) {
    const upload = this.uploads.get(id);
    this.files.set(upload.path, { size: upload.length, sha256: upload.hash.digest("hex"), replaced: upload.replace === "true" });
  }
}
