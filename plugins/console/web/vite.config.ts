// Everything becomes files of its own, nothing is written into the page: its policy allows no inline script and no inline style.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { outDir: "../dist/app", emptyOutDir: true, assetsInlineLimit: 0, target: "es2022", modulePreload: { polyfill: false } },
  esbuild: { jsx: "automatic" },
});
