import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` shows the board of a server that runs: SIGNALBOX_URL says where.
const server = process.env.SIGNALBOX_URL ?? "http://127.0.0.1:8080";
// The server refuses foreign origins: to it the proxy is the browser.
const proxied = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": proxied, "/auth": proxied },
  },
  build: {
    target: "es2022",
    // A data: URL would need a policy of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
