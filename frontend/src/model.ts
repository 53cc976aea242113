// The surface viewer: model-viewer on a page of its own, so that no other page carries its weight. Mouse, touch and keyboard
// are its own; two clicks measure a distance.

import { ModelViewerElement } from "@google/model-viewer";
import decoderLocation from "../node_modules/meshoptimizer/meshopt_decoder.cjs?url";
import "./model/model.css";

interface Place {
  x: number;
  y: number;
  z: number;
}

/** Longest distance that is shown in micrometres, and in millimetres. */
const micrometresMax = 1_000;
const millimetresMax = 10_000_000;

function distanceWords(metres: number, language: string, known: boolean): string {
  const micrometres = metres * 1e6;
  const [value, unit] = !known
    ? [micrometres, "voxel"]
    : micrometres < micrometresMax
      ? [micrometres, "µm"]
      : micrometres < millimetresMax
        ? [micrometres / 1e3, "mm"]
        : [metres, "m"];
  return `${value.toLocaleString(language, { maximumSignificantDigits: 4 })} ${unit}`;
}

class SurfaceViewer {
  private readonly viewer = new ModelViewerElement();
  private readonly measure = document.createElement("button");
  private readonly status = document.createElement("p");
  private readonly ends: Place[] = [];

  constructor(private readonly place: HTMLElement) {
    const { src = "", alt = "", measure = "", ar = "" } = place.dataset;
    this.viewer.src = src;
    this.viewer.alt = alt;
    this.viewer.cameraControls = true;
    this.viewer.setAttribute("touch-action", "pan-y");
    this.viewer.setAttribute("interaction-prompt", "none");
    this.viewer.setAttribute("shadow-intensity", "0");
    // Lamps on one side, and less of them: in even light every wall is the same pale white, and relief is lost.
    this.viewer.setAttribute("environment-image", "legacy");
    this.viewer.setAttribute("exposure", "0.5");
    this.viewer.setAttribute("min-camera-orbit", "auto auto 5%");
    this.offerRoom(ar);
    const poster = place.querySelector("img");
    if (poster) {
      poster.slot = "poster";
      this.viewer.append(poster);
    }
    this.measure.type = "button";
    this.measure.className = "button button-small";
    this.measure.textContent = measure;
    this.measure.setAttribute("aria-pressed", "false");
    this.measure.addEventListener("click", () => this.switchMeasuring());
    this.status.className = "model-status";
    this.status.setAttribute("role", "status");
    this.viewer.addEventListener("click", (event) => this.pick(event as MouseEvent));
    this.viewer.addEventListener("keydown", (event) => this.pickByKey(event));
    this.viewer.addEventListener("error", () => (this.status.textContent = place.dataset.failed ?? ""));
    const tools = document.createElement("p");
    tools.className = "model-tools";
    tools.append(this.measure, ...this.finer(), this.status);
    place.replaceChildren(this.viewer, tools);
  }

  /** The body in one's own room, where device and browser can do that by themselves; no other site takes part. */
  private offerRoom(words: string): void {
    this.viewer.ar = true;
    this.viewer.setAttribute("ar-modes", "webxr quick-look");
    this.viewer.setAttribute("ar-scale", "auto");
    const button = document.createElement("button");
    button.slot = "ar-button";
    button.className = "button button-small model-ar";
    button.textContent = words;
    this.viewer.append(button);
  }

  /** Finer levels lie beside the first one and come when they are asked for. */
  private finer(): HTMLElement[] {
    const levels = [...document.querySelectorAll<HTMLElement>(".model-finer")];
    if (levels.length === 0) return [];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = this.place.dataset.finer ?? "";
    button.addEventListener("click", () => {
      const next = levels.shift();
      if (!next) return;
      this.clear();
      // The distance of two marks that are gone would say nothing.
      this.tellHow();
      this.viewer.src = next.dataset.src ?? "";
      next.remove();
      if (levels.length === 0) button.remove();
    });
    return [button];
  }

  private get measuring(): boolean {
    return this.measure.getAttribute("aria-pressed") === "true";
  }

  private switchMeasuring(): void {
    this.measure.setAttribute("aria-pressed", String(!this.measuring));
    // Else a tap would also move the body, and the second point would lie elsewhere.
    this.viewer.disableTap = this.measuring;
    this.clear();
    this.tellHow();
    this.viewer.querySelector(".model-cross")?.remove();
    if (!this.measuring) return;
    const cross = document.createElement("span");
    cross.className = "model-cross";
    cross.setAttribute("aria-hidden", "true");
    this.viewer.append(cross);
  }

  private tellHow(): void {
    const { pick = "", keys = "" } = this.place.dataset;
    this.status.textContent = this.measuring ? `${pick} ${keys}` : "";
  }

  private clear(): void {
    this.ends.length = 0;
    this.viewer.querySelectorAll("[slot^=hotspot]").forEach((mark) => mark.remove());
  }

  /** Without a pointer, what lies behind the cross is marked. */
  private pickByKey(event: KeyboardEvent): void {
    if (!this.measuring || event.key !== "Enter") return;
    event.preventDefault();
    const { left, top, width, height } = this.viewer.getBoundingClientRect();
    this.pick({ clientX: left + width / 2, clientY: top + height / 2 });
  }

  private pick(event: { clientX: number; clientY: number }): void {
    if (!this.measuring) return;
    const hit = this.viewer.positionAndNormalFromPoint(event.clientX, event.clientY);
    if (!hit) return;
    if (this.ends.length === 2) this.clear();
    this.ends.push(hit.position);
    const mark = document.createElement("span");
    mark.slot = `hotspot-${this.ends.length}`;
    mark.className = "model-mark";
    mark.dataset.position = hit.position.toString();
    mark.dataset.normal = hit.normal.toString();
    this.viewer.append(mark);
    const [from, to] = this.ends;
    if (!from || !to) return;
    const metres = Math.hypot(to.x - from.x, to.y - from.y, to.z - from.z);
    this.status.textContent = distanceWords(metres, document.documentElement.lang, this.place.dataset.known === "true");
  }
}

// Nothing is fetched from other sites: what is compressed otherwise is not made here.
ModelViewerElement.meshoptDecoderLocation = decoderLocation;
const place = document.getElementById("model");
if (place) new SurfaceViewer(place);
