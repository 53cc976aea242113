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

// The names that the server's pages write down; everything else is hashed.
const stableStyles = new Set(["style.css", "viewer.css"]);

export default defineConfig({
  base: "/assets/",
  publicDir: false,
  plugins: [stripWorkerComments],
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
        upload: "src/upload.ts",
        viewer: "src/viewer.ts",
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunk-[hash].js",
        assetFileNames: ({ names }) => (names.some((name) => stableStyles.has(name)) ? "[name][extname]" : "[name]-[hash][extname]"),
      },
    },
  },
});
