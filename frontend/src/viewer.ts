// The volume viewer: neuroglancer inside our own frame. The page brings pictures of
// slices; they stay until the first piece of the volume is on the screen.

import "neuroglancer";
import "neuroglancer/unstable/ui/default_viewer.css";
import "./viewer/viewer.css";
import { disableContextMenu, disableWheel } from "neuroglancer/unstable/ui/disable_default_actions.js";
import { setDefaultInputEventBindings } from "neuroglancer/unstable/ui/default_input_event_bindings.js";
import { makeMinimalViewer } from "neuroglancer/unstable/ui/minimal_viewer.js";
import { applyView, directionOfView, drawsInSoftware, hashFromView, readFacts, saneWindow, sanitizeView, startState, viewFromHash, type View, type VolumeFacts } from "./viewer/state.ts";
import { plainShader } from "./viewer/shader.ts";
import { buildToolbar, type Toolbar, type ToolbarActions } from "./viewer/toolbar.ts";
import { say } from "./words.ts";

type NeuroglancerViewer = ReturnType<typeof makeMinimalViewer>;

/** The parts of neuroglancer's image layer that we touch; its own types do not name them. */
interface ImageLayer {
  shaderControlState: { restoreState(state: unknown): void; toJSON(): { normalized?: { range?: [number, number] } } | undefined };
  shaderError: { value: unknown };
  fragmentMain: { value: string };
  renderLayers: { layerChunkProgressInfo?: { numVisibleChunksAvailable: number } }[];
}

const hashDelayMilliseconds = 300;
const narrowPixels = 700;

class VolumeViewer {
  private readonly viewer: NeuroglancerViewer;
  private readonly toolbar: Toolbar;
  private readonly start: Record<string, unknown>;
  private ownHash = "";

  constructor(place: HTMLElement, private readonly facts: VolumeFacts) {
    const stage = document.createElement("div");
    stage.className = "viewer-stage";
    const canvas = document.createElement("div");
    canvas.className = "viewer-canvas neuroglancer-container";
    canvas.id = "neuroglancer-container";
    const frame = document.createElement("div");
    frame.className = "viewer-canvas-frame";
    frame.append(canvas);
    const placeholder = place.querySelector<HTMLElement>(".viewer-placeholder");
    const status = document.createElement("p");
    status.className = "viewer-status";
    status.setAttribute("role", "status");
    status.textContent = say("viewerLoading");
    this.toolbar = buildToolbar(facts, {
      setLayout: (layout) => this.viewer.layout.restoreState(layout),
      setWindow: (low, high) => this.setWindow(low, high),
      reset: () => this.restore({}),
      ...this.usePicture(place.dataset),
    });
    stage.append(frame, ...(placeholder ? [placeholder] : []), status);
    place.append(this.toolbar.element, stage);
    disableContextMenu();
    disableWheel();
    this.viewer = makeMinimalViewer({ target: canvas, showLayerDialog: false, resetStateWhenEmpty: false, showUIControls: false, showPanelBorders: true });
    setDefaultInputEventBindings(this.viewer.inputEventBindings);
    const phone = stage.clientWidth < narrowPixels;
    this.start = startState(facts, Math.min(stage.clientWidth, stage.clientHeight) / (phone ? 1 : 2), { phone, slowGraphics: drawsInSoftware(rendererName()) });
    this.restore(viewFromHash(location.hash));
    this.bindHash();
    this.waitForFirstChunk(() => {
      placeholder?.remove();
      status.textContent = say("viewerReady");
      setTimeout(() => status.remove(), 1500);
      place.dataset["ready"] = "true";
    });
  }

  private usePicture({ picture, pictureWords }: DOMStringMap): Pick<ToolbarActions, "usePicture"> {
    if (!picture || !pictureWords) return {};
    const go = () => {
      const { azimuthDeg, elevationDeg } = directionOfView(this.view().projectionOrientation ?? [0, 0, 0, 1]);
      location.assign(`${picture}?azimuth_deg=${azimuthDeg}&elevation_deg=${elevationDeg}#picture`);
    };
    return { usePicture: { words: pictureWords, go } };
  }

  private get layer(): ImageLayer | null {
    return (this.viewer.layerManager.managedLayers[0]?.layer as unknown as ImageLayer | undefined) ?? null;
  }

  private restore(view: View): void {
    this.viewer.state.reset();
    this.viewer.state.restoreState(applyView(this.start, view));
    this.toolbar.showLayout(view.layout ?? String(this.start["layout"]));
    this.toolbar.showWindow(...saneWindow(view.window ?? this.facts.window));
  }

  private setWindow(low: number, high: number): void {
    this.layer?.shaderControlState.restoreState({ normalized: { range: [low, high], window: saneWindow(this.facts.range) } });
  }

  private view(): View {
    const state = this.viewer.state.toJSON() as Record<string, unknown>;
    const layout = state["layout"];
    const window = this.layer?.shaderControlState.toJSON()?.normalized?.range;
    return sanitizeView({ ...state, layout: typeof layout === "object" && layout !== null ? (layout as { type?: string }).type : layout, window });
  }

  /** The address always shows the present view, without filling the history. */
  private bindHash(): void {
    let timer: ReturnType<typeof setTimeout> | null = null;
    this.viewer.state.changed.add(() => {
      timer ??= setTimeout(() => {
        timer = null;
        const view = this.view();
        const hash = hashFromView(view);
        if (view.layout) this.toolbar.showLayout(view.layout);
        if (hash === this.ownHash) return;
        this.ownHash = hash;
        history.replaceState(history.state, "", hash);
      }, hashDelayMilliseconds);
    });
    addEventListener("hashchange", () => {
      if (location.hash !== this.ownHash) this.restore(viewFromHash(location.hash));
    });
  }

  private waitForFirstChunk(arrived: () => void): void {
    const look = () => {
      // Null is "compiled", undefined "not tried yet"; anything else is what the compiler said.
      const layer = this.layer;
      if (layer && layer.shaderError.value && layer.fragmentMain.value !== plainShader) {
        console.warn("the shader was refused, a plain one is used", layer.shaderError.value);
        layer.fragmentMain.value = plainShader;
      }
      if (this.layer?.renderLayers.some((layer) => (layer.layerChunkProgressInfo?.numVisibleChunksAvailable ?? 0) > 0)) {
        // One more frame, so that the chunk is on the screen when the pictures go.
        requestAnimationFrame(() => requestAnimationFrame(arrived));
      } else setTimeout(look, 100);
    };
    look();
  }
}

function rendererName(): string {
  const gl = document.createElement("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : "";
  // Browsers allow few contexts at a time: this one has served.
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return name;
}

function begin(place: HTMLElement): void {
  try {
    if (!document.createElement("canvas").getContext("webgl2")) throw new Error(say("noWebGl"));
    new VolumeViewer(place, readFacts(place.dataset, location.href));
  } catch (error) {
    const notice = document.createElement("p");
    notice.className = "notice notice-warning";
    notice.setAttribute("role", "alert");
    notice.textContent = say("viewerFailed", { why: error instanceof Error ? error.message : String(error) });
    place.prepend(notice);
  }
}

const place = document.getElementById("viewer");
if (place) begin(place);
