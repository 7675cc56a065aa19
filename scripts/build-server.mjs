// Builds dist/server: the command and each of its threads as few files each. Finding some 1,500 files, and compiling all that is in them,
// took longer than everything else that a start does: docs/decisions/0008-bundled-server.md.
import { basename, join } from 'node:path'
import { build } from 'vite'
import { root } from './setup.mjs'

const THREADS = [
  'workers/keeper',
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

await bundle('main', ['main'], { emptyOutDir: true, groups: startGroups() })
await bundle('thread', THREADS)
// All that it needs in one file: nothing is received before it is loaded.
await bundle('receiver', ['workers/receiver'])

/**
 * Bundles by themselves, so that what two of them share is in both: else it would be in files of its own, which have to be found.
 *
 * @param {string} name
 * @param {readonly string[]} entries
 * @param {{ emptyOutDir?: boolean, groups?: object[] }} options
 */
function bundle(name, entries, { emptyOutDir = false, groups } = {}) {
  return build({
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
      emptyOutDir,
      sourcemap: true,
      // Notices of what is bundled, as their licenses ask.
      license: { fileName: `third-party-licenses-of-${name}.md` },
      rolldownOptions: {
        input: Object.fromEntries(entries.map((path) => [basename(path), sourceOf(path)])),
        output: {
          format: 'esm',
          entryFileNames: '[name].js',
          chunkFileNames: `${name}-[name].js`,
          ...(groups === undefined ? {} : { codeSplitting: { groups } }),
          // Names stay, so that a trace can be read.
          minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
        },
      },
    },
  })
}

/** What a start reads, in a file each: what begins the thread that must not wait, and then all else that is needed for the others. */
function startGroups() {
  return [
    { name: staticallyOf('begin', ['main', 'cli/start']), debugName: 'begin', priority: 2 },
    { name: staticallyOf('serve', ['cli/serve']), debugName: 'serve', priority: 1 },
  ]
}

/** @param {readonly string[]} paths */
function staticallyOf(name, paths) {
  const found = new Set()
  return (id, context) => {
    const add = (known) => {
      if (found.has(known)) return
      found.add(known)
      for (const imported of context.getModuleInfo(known)?.importedIds ?? []) add(imported)
    }
    if (found.size === 0) for (const path of paths) add(sourceOf(path))
    // The program itself waits for what it imports later, and that must not wait for it.
    return found.has(id) && id !== sourceOf('main') ? name : null
  }
}

function sourceOf(path) {
  return join(root, 'src', `${path}.ts`)
}
