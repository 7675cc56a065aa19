import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The page is served under a policy of `script-src 'self'`: nothing inline, nothing from elsewhere.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // Data: URLs would need `img-src data:`; every asset is a file with a hash in its name.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  // `vite web` shows the page with live reload beside a running Kymo.
  server: {
    proxy: Object.fromEntries(
      ['/api', '/render', '/functions', '/metrics', '/events'].map((path) => [
        path,
        { target: 'http://127.0.0.1:8080', changeOrigin: true },
      ]),
    ),
  },
})
