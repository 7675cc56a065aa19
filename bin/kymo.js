#!/usr/bin/env node
// The command. Plain JavaScript that an old Node can read far enough to say what is wrong.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `node-too-old: Kymo needs Node 24 or newer; this is Node ${process.versions.node}.\n` +
      'Install a current Node from nodejs.org or your package manager. In a clone of Kymo, `npm start` fetches one by itself.\n',
  )
  process.exitCode = 78
} else {
  // A service may be told to reload before it is loaded. It has not read its configuration then: there is nothing to do.
  if (!isatty(0) && !isatty(2)) process.on('SIGHUP', () => {})
  // What was compiled for one start need not be for the next. It is kept beside the program: who can write there can change the program, too; who
  // cannot goes without. (Node's own place for it is a directory that anybody on the machine may have made.)
  const compiled = fileURLToPath(new URL('../.compiled', import.meta.url))
  // Threads look for it where this says.
  if (module.enableCompileCache(compiled).directory !== undefined) process.env.NODE_COMPILE_CACHE ??= compiled
  // A clone runs its sources as they are; a published package has them compiled.
  const source = new URL('../src/main.ts', import.meta.url)
  await import(
    existsSync(fileURLToPath(source)) ? source.href : new URL('../dist/server/main.js', import.meta.url).href
  )
}
