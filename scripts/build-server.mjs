// Builds dist/server: the command and each of its threads as one file each, beside what they share. Reading some 1,500 files, and compiling
// all that is in them, took longer than everything else that a start does: docs/decisions/0008-bundled-server.md.
import { basename, join } from 'node:path'
import { build } from 'vite'
import { root } from './setup.mjs'

const THREADS = [
  'workers/keeper',
  'workers/receiver',
  'workers/stream',
  'workers/query',
  'workers/delivery',
  'store/embedded/block/packer-thread',
  'sinks/isolated/module-thread',
]

const PEERS = [
  '@aws-sdk/client-cloudwatch',
  '@nats-io/jetstream',
  '@nats-io/transport-node',
  '@platformatic/kafka',
]

await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  // Their binaries lie beside them; and what only some sinks need is installed by those who want it.
  ssr: { noExternal: true, external: ['koffi', '@resvg/resvg-wasm', ...PEERS] },
  build: {
    ssr: true,
    target: 'node24',
    // One level below the package, as the folders of src/ are two: paths from a file to the package's own are the same.
    outDir: join(root, 'dist', 'server'),
    emptyOutDir: true,
    sourcemap: true,
    // Notices of what is bundled, as their licenses ask.
    license: { fileName: 'third-party-licenses.md' },
    rolldownOptions: {
      input: {
        main: join(root, 'src', 'main.ts'),
        ...Object.fromEntries(THREADS.map((path) => [basename(path), join(root, 'src', `${path}.ts`)])),
      },
      output: {
        format: 'esm',
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        // Names stay, so that a trace can be read.
        minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
})
