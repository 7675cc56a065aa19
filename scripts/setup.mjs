// Everything a fresh clone needs before anything can run: a Node new enough, the locked dependencies, the web app.
// Plain JavaScript without dependencies, because it runs first, under whatever Node the machine has (20 or newer).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const runtimeDirectory = join(root, 'scripts', 'node-runtime')
const oldestMajor = 24

/** Path of a Node of at least 24: this one, or the one fetched from the npm registry into scripts/node-runtime. */
export function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestMajor) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = join(runtimeDirectory, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file)
  const isCurrent = isStamped(runtimeDirectory, lockHash(runtimeDirectory))
  if (!isCurrent || !existsSync(path)) {
    say(`this is Node ${process.versions.node}; fetching Node ${oldestMajor} for this folder (once)`)
    npmInstall(runtimeDirectory, process.execPath)
    stamp(runtimeDirectory, lockHash(runtimeDirectory))
  }
  if (!existsSync(path)) {
    fail(
      `Kymo needs Node ${oldestMajor} or newer; this is Node ${process.versions.node}, and there is no ready-made one ` +
        `for ${process.platform} ${process.arch}. Install a current Node from nodejs.org and run this again.`,
    )
  }
  return path
}

/** Installs the locked dependencies where they are missing or not those of the lockfile. No install script runs. */
export function ensureDependencies(node) {
  const hash = lockHash(root)
  if (isStamped(root, hash)) return
  say('installing dependencies (once)')
  npmInstall(root, node)
  stamp(root, hash)
}

/** Installs the programs that Kymo is compared with. Tests against them skip by name where this is not done. */
export function ensureRivals(node) {
  const directory = join(root, 'bench', 'rivals')
  const hash = lockHash(directory)
  if (isStamped(directory, hash)) return
  say('installing the programs to compare with (once)')
  npmInstall(directory, node)
  stamp(directory, hash)
}

/** Builds the web app into dist/web where its sources have changed since. */
export function ensureWeb(node) {
  const hash = hashFiles([join(root, 'web'), join(root, 'package-lock.json')])
  const stampFile = join(root, 'dist', 'web', '.built-from')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return
  say('building the web app')
  run(node, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'warn'])
  writeFileSync(stampFile, hash)
}

/** Runs a command of this folder with its own output; ends this process with its exit code if that is not 0. */
export function run(node, args, env = {}) {
  const code = attempt(node, args, env)
  if (code !== 0) process.exit(code)
}

/** The same, but hands the exit code back. */
export function attempt(node, args, env = {}) {
  const result = spawnSync(node, args, { cwd: root, stdio: 'inherit', env: withNodeFirst(node, env) })
  return result.status ?? 1
}

export function say(text) {
  process.stderr.write(`kymo set-up: ${text}\n`)
}

function npmInstall(directory, node) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  const npmScript = process.env.npm_execpath
  const options = { cwd: directory, stdio: ['ignore', 2, 2], env: withNodeFirst(node, {}) }
  const result = npmScript?.endsWith('.js')
    ? spawnSync(node, [npmScript, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (result.status !== 0) {
    fail(
      `npm could not install the dependencies of ${relative(process.cwd(), directory) || '.'}; its message is above.`,
    )
  }
}

function withNodeFirst(node, env) {
  return { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH, ...env }
}

function fail(text) {
  say(text)
  process.exit(1)
}

function lockHash(directory) {
  return hashFiles([join(directory, 'package-lock.json')])
}

function isStamped(directory, hash) {
  const file = join(directory, 'node_modules', '.kymo-installed')
  return existsSync(file) && readFileSync(file, 'utf8') === hash
}

function stamp(directory, hash) {
  mkdirSync(join(directory, 'node_modules'), { recursive: true })
  writeFileSync(join(directory, 'node_modules', '.kymo-installed'), hash)
}

function hashFiles(paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(filesBelow)) hash.update(relative(root, path)).update(readFileSync(path))
  return hash.digest('hex')
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}
