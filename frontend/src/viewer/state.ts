// The viewer's first state, out of what the server knows of the volume, and the short
// form of a view that goes into the address. Pure, so that it can be tested.

import { volumeShader } from "./shader.ts";

export interface VolumeFacts {
  url: string;
  title: string;
  /** Array order: z, y, x. */
  shape: [number, number, number];
  voxelSizeUm: [number, number, number] | null;
  window: [number, number];
  range: [number, number];
}

/** What a shared link keeps. Never the source: a link shows this record or nothing. */
export interface View {
  position?: number[];
  crossSectionScale?: number;
  crossSectionOrientation?: number[];
  projectionScale?: number;
  projectionOrientation?: number[];
  layout?: string;
  window?: [number, number];
}

export const layouts = ["4panel", "3d", "xy", "yz", "xz"] as const;
const sliceFill = 1.15;
const projectionFill = 1.1;
// Steps along each ray. A graphics card does the many; a processor that plays one does the few.
const depthSamples = 512;
const slowDepthSamples = 128;


/** Whether the browser draws with the processor because there is no graphics card. */
export function drawsInSoftware(rendererName: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(rendererName);
}

/** Numbers of a data attribute, or null when it does not hold exactly that many. */
export function numbersIn(text: string | undefined, count: number): number[] | null {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
}

/** Facts from the page's attributes; throws with the name of the attribute that is wrong. */
export function readFacts(data: Record<string, string | undefined>, baseUrl: string): VolumeFacts {
  const shape = numbersIn(data["shape"], 3);
  if (!data["volumeUrl"]) throw new Error("data-volume-url is missing");
  if (!shape || shape.some((size) => size < 1)) throw new Error("data-shape is not z,y,x");
  const voxels = numbersIn(data["voxelUm"], 3);
  const window = numbersIn(data["window"], 2) ?? [0, 255];
  const range = numbersIn(data["range"], 2) ?? window;
  return {
    url: new URL(data["volumeUrl"], baseUrl).href.replace(/\/?$/, "/"),
    title: data["title"] ?? "",
    shape: shape as [number, number, number],
    voxelSizeUm: voxels && voxels.every((size) => size > 0) ? (voxels as [number, number, number]) : null,
    window: window as [number, number],
    range: [Math.min(range[0]!, window[0]!), Math.max(range[1]!, window[1]!)],
  };
}

/** A window that never has zero width: an empty or constant volume must still show. */
export function saneWindow([low, high]: [number, number]): [number, number] {
  return high > low ? [low, high] : [low, low + 1];
}

/**
 * The state in the form neuroglancer restores. The smaller side of the panels decides the
 * scale, so that the whole volume is in sight at first.
 */
export function startState(facts: VolumeFacts, panelPixels: number, { phone = false, slowGraphics = false } = {}): Record<string, unknown> {
  const [depth, height, width] = facts.shape;
  const [voxelZ, voxelY, voxelX] = facts.voxelSizeUm ?? [1, 1, 1];
  const smallestVoxel = Math.min(voxelX, voxelY, voxelZ);
  const longestSide = Math.max(width * voxelX, height * voxelY, depth * voxelZ) / smallestVoxel;
  const diagonal = Math.hypot(width * voxelX, height * voxelY, depth * voxelZ) / smallestVoxel;
  const metres = (size: number) => [size * 1e-6, "m"];
  return {
    ...(facts.voxelSizeUm ? { dimensions: { x: metres(voxelX), y: metres(voxelY), z: metres(voxelZ) } } : {}),
    displayDimensions: ["x", "y", "z"],
    ...(facts.voxelSizeUm ? { position: [width / 2, height / 2, depth / 2] } : {}),
    crossSectionScale: (longestSide * sliceFill) / Math.max(64, panelPixels),
    projectionScale: diagonal * projectionFill,
    projectionOrientation: [-0.24, 0.42, 0.11, 0.87],
    layers: [
      {
        type: "image",
        name: "volume",
        source: `${facts.url}|zarr3:`,
        shader: volumeShader([voxelX / smallestVoxel, voxelY / smallestVoxel, voxelZ / smallestVoxel]),
        shaderControls: { normalized: { range: saneWindow(facts.window), window: saneWindow(facts.range) } },
        opacity: 1,
        volumeRendering: "on",
        volumeRenderingGain: 2,
        annotationColor: "#6b675f",
        volumeRenderingDepthSamples: slowGraphics ? slowDepthSamples : depthSamples,
      },
    ],
    selectedLayer: { visible: false },
    showSlices: false,
    showAxisLines: true,
    showDefaultAnnotations: true,
    showScaleBar: true,
    crossSectionBackgroundColor: "#000000",
    projectionBackgroundColor: "#000000",
    layout: phone ? "3d" : "4panel",
  };
}

/** Keeps only what a view consists of, and only when it has the right form. */
export function sanitizeView(candidate: unknown): View {
  const view: View = {};
  if (typeof candidate !== "object" || candidate === null) return view;
  const given = candidate as Record<string, unknown>;
  const numbers = (value: unknown, count: number) => (Array.isArray(value) && value.length === count && value.every(Number.isFinite) ? (value as number[]) : undefined);
  const positive = (value: unknown) => (typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined);
  const entries = {
    position: numbers(given["position"], 3),
    crossSectionScale: positive(given["crossSectionScale"]),
    crossSectionOrientation: numbers(given["crossSectionOrientation"], 4),
    projectionScale: positive(given["projectionScale"]),
    projectionOrientation: numbers(given["projectionOrientation"], 4),
    layout: layouts.find((layout) => layout === given["layout"]),
    window: numbers(given["window"], 2) as [number, number] | undefined,
  };
  for (const [name, value] of Object.entries(entries)) if (value !== undefined) Object.assign(view, { [name]: value });
  return view;
}

export function viewFromHash(hash: string): View {
  if (!hash.startsWith("#!")) return {};
  try {
    return sanitizeView(JSON.parse(decodeURIComponent(hash.slice(2))));
  } catch {
    // A link that was cut by a mail program: show the volume from the front.
    return {};
  }
}

export function hashFromView(view: View): string {
  const rounded = JSON.stringify(view, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(6)) : value));
  return `#!${encodeURI(rounded).replace(/[!'()*;,]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}

/**
 * The direction from which a volume is seen, as the record's picture knows it: the eye around the axis of the slices and
 * above the horizon, in degrees. Without a turn neuroglancer looks along the slices' axis; how the head is tilted is lost.
 */
export function directionOfView(orientation: number[]): { azimuthDeg: number; elevationDeg: number } {
  const length = Math.hypot(...orientation) || 1;
  const [x, y, z, w] = orientation.map((part) => part / length) as [number, number, number, number];
  const back = [-2 * (x * z + w * y), 2 * (w * x - y * z), 2 * (x * x + y * y) - 1] as const;
  // Never minus nothing.
  const degrees = (radians: number) => (Math.round((radians * 1800) / Math.PI) || 0) / 10;
  const elevation = degrees(Math.asin(Math.max(-1, Math.min(1, back[2]))));
  return { azimuthDeg: degrees(Math.atan2(back[1], back[0])), elevationDeg: Math.max(-89, Math.min(89, elevation)) };
}

/** The start state as a link wants it. */
export function applyView(state: Record<string, unknown>, view: View): Record<string, unknown> {
  const { window, ...rest } = view;
  const [layer] = state["layers"] as Record<string, unknown>[];
  const controls = layer!["shaderControls"] as { normalized: object };
  const layers = window ? [{ ...layer, shaderControls: { normalized: { ...controls.normalized, range: saneWindow(window) } } }] : state["layers"];
  return { ...state, ...rest, layers };
}
