// `widget.js`: one classic script, for a page that is not ours.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: {
      entry: "src/loader/main.ts",
      formats: ["iife"],
      name: "DeskhandLoader",
      fileName: () => "widget.js",
    },
  },
});
