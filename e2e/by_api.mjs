// Records made quickly, for plays that are about what comes after: the API, spoken with the
// session of a signed-in page.
import assert from "node:assert/strict";

const tus = { "Tus-Resumable": "1.0.0" };

/** Metadata with everything that a tomography of an organism needs before it can be registered. */
export function completeMetadata(title) {
  return {
    title,
    creators: [{ family: "Lovelace", given: "Ada", orcid: "0000-0002-1825-0097", affiliation: "Example Light Source" }],
    description: "A small body that was looked into with x-rays. The pictures show what lies inside it.",
    licence: "CC-BY-4.0",
    sample: { organism: "Littorina littorea" },
    acquisition: { technique: "PaNET01208", facility: "Example Light Source", voxel_size_um: [6.5, 6.5, 6.5] },
    keywords: ["snail", "shell"],
  };
}

export class ByApi {
  constructor(page) {
    this.request = page.context().request;
    this.page = page;
  }

  async headers() {
    this.csrf ??= await this.page.locator('meta[name="csrf"]').getAttribute("content");
    return { "X-CSRF-Token": this.csrf };
  }

  async post(path, data) {
    const answer = await this.request.post(path, { headers: await this.headers(), ...(data === undefined ? {} : { data }) });
    assert.ok(answer.ok(), `POST ${path} answered ${answer.status()}: ${await answer.text()}`);
    return answer;
  }

  async create(kind, metadata) {
    const record = await (await this.post("/api/v1/records", { kind, metadata })).json();
    return record.id;
  }

  async upload(id, path, bytes) {
    const base64 = (text) => Buffer.from(text).toString("base64");
    const headers = { ...(await this.headers()), ...tus, "Upload-Length": String(bytes.length), "Upload-Metadata": `record ${base64(id)},path ${base64(path)}`, "Content-Type": "application/offset+octet-stream" };
    const answer = await this.request.post("/api/v1/uploads", { headers, data: bytes });
    assert.equal(answer.status(), 201, `the upload of ${path} was refused: ${await answer.text()}`);
    assert.equal(answer.headers()["upload-offset"], String(bytes.length), `${path} did not arrive whole`);
  }

  step(id, step, body) {
    return this.post(`/api/v1/records/${id}/${step}`, body);
  }

  async record(id) {
    return (await this.request.get(`/api/v1/records/${id}`)).json();
  }

  /** What the worker could not do, in its own words. */
  async failures(id) {
    const jobs = await (await this.request.get(`/api/v1/records/${id}/jobs`)).json();
    return jobs.filter((job) => job.standing === "failed").map((job) => `${job.kind}: ${job.failure.file ?? ""} ${job.failure.what} ${job.failure.hint}`);
  }
}
