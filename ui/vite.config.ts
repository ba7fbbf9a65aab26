import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The browsers that know light-dark() and color-mix(): the token source is written with them and shipped as it is.
const BROWSERS = ["chrome123", "firefox121", "safari17.5"];

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
  build: {
    outDir: "../src/tiercel/web",
    emptyOutDir: true,
    target: BROWSERS,
    cssTarget: BROWSERS,
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/api": process.env.TIERCEL_BASE_URL ?? "http://localhost:8080" },
  },
  test: { include: ["src/**/*.test.ts"] },
});
