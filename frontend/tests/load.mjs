// Bundles one TypeScript module of src/ so that node can import it, whatever its version.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const source = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

export async function load(module) {
  const outDir = mkdtempSync(join(tmpdir(), "science3d-frontend-test-"));
  await build({
    configFile: false,
    logLevel: "error",
    build: { ssr: join(source, module), outDir, emptyOutDir: true, target: "es2022", rolldownOptions: { output: { entryFileNames: "module.mjs" } } },
    ssr: { noExternal: true },
  });
  return import(join(outDir, "module.mjs"));
}
