// The page in the frame. `vite.loader.config.ts` builds the loader.
import { defineConfig } from "vite";

export default defineConfig({
  // The page is served at /widget/frame: what it needs is beside it, under /widget/assets/.
  base: "./",
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: "frame.html" },
  },
});
