import { defineConfig } from "vite";

// Vite does not recognise `new Worker(/* webpackChunkName */ new URL(…))`: it inlines the raw
// file as a data: URL, and the viewer stays empty. Without the comment it is recognised.
const stripWorkerComments = {
  name: "strip-worker-comments",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    if (!id.includes("/neuroglancer/") || !code.includes("new Worker(")) return;
    return { code: code.replace(/new Worker\(\s*\/\*[\s\S]*?\*\/\s*/g, "new Worker("), map: null };
  },
};

// model-viewer knows addresses of decoders on other hosts. They are never asked for: our surfaces need none of them.
const noOtherHosts = {
  name: "no-other-hosts",
  transform(code: string, id: string) {
    if (!id.includes("/@google/model-viewer/")) return;
    return { code: code.replace(/https:\/\/(www\.gstatic\.com|cdn\.jsdelivr\.net)\/[^"'`]*/g, "/assets/absent/"), map: null };
  },
};

// The names that the server's pages write down; everything else is hashed.
const stableStyles = new Set(["style.css", "viewer.css", "model.css"]);
// A script by its content, whatever its ending: the server says so to browsers by the name.
const assetName = (name: string) => (name.endsWith(".cjs") ? "[name]-[hash].js" : "[name]-[hash][extname]");

export default defineConfig({
  base: "/assets/",
  publicDir: false,
  plugins: [stripWorkerComments, noOtherHosts],
  resolve: {
    // Only what we serve: OME-Zarr over our own HTTP routes.
    conditions: [
      "neuroglancer/datasource:none_by_default",
      "neuroglancer/datasource/zarr:enabled",
      "neuroglancer/kvstore:none_by_default",
      "neuroglancer/kvstore/http:enabled",
      "neuroglancer/kvstore/byte_range:enabled",
      "neuroglancer/kvstore/gzip:enabled",
      "module",
      "browser",
      "production",
      "import",
      "default",
    ],
  },
  worker: {
    format: "es",
    plugins: () => [stripWorkerComments],
    rolldownOptions: { output: { entryFileNames: "[name]-[hash].js", chunkFileNames: "chunk-[hash].js", assetFileNames: "[name]-[hash][extname]" } },
  },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: ".",
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: {
        style: "src/style/style.css",
        entry: "src/entry.ts",
        live: "src/live.ts",
        suggest: "src/suggest.ts",
        upload: "src/upload.ts",
        viewer: "src/viewer.ts",
        model: "src/model.ts",
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunk-[hash].js",
        assetFileNames: ({ names }) => (names.some((name) => stableStyles.has(name)) ? "[name][extname]" : assetName(names[0] ?? "")),
      },
    },
  },
});
