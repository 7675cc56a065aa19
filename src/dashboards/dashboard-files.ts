import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { excerpt } from '../lib/excerpt.ts'
import type { DashboardListing, DashboardStore, StoredDashboard } from './dashboard-store.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { dashboardText, parseDashboard } from './dashboard.ts'
import { ID_WANTED, isDashboardId } from './dashboard-id.ts'

export const MAX_FILE_BYTES = 1024 * 1024
const MAX_FILES = 1_000
const ENDING = '.json'

type ReadFile = { readonly stored: StoredDashboard } | { readonly revision: string; readonly problem: string }

export function openDashboardStore(directory: string): DashboardStore {
  const fileOf = (id: string): string => {
    if (!isDashboardId(id))
      throw new KymoError('dashboard-id-invalid', { id: excerpt(id, 100), wanted: ID_WANTED })
    return path.join(directory, `${id}${ENDING}`)
  }
  /** One change at a time: what a revision was compared with is still there when it is replaced. */
  let changes: Promise<unknown> = Promise.resolve()
  function change<T>(action: () => Promise<T>): Promise<T> {
    const done = changes.then(action)
    changes = done.catch(() => {})
    return done
  }
  const requireRevision = async (id: string, revision: string | null): Promise<void> => {
    const found = await readOne(id, fileOf(id))
    const current = found === undefined ? null : 'stored' in found ? found.stored.revision : found.revision
    if (current === null && revision !== null) throw new KymoError('dashboard-unknown', { id })
    if (current !== revision) throw new KymoError('dashboard-changed', { id })
  }

  return {
    async list() {
      const names = (await namesIn(directory))
        .filter((name) => name.endsWith(ENDING) && !name.startsWith('.'))
        .sort()
      const dashboards: DashboardListing['dashboards'][number][] = []
      const damaged: DashboardListing['damaged'][number][] = []
      for (const name of names.slice(0, MAX_FILES)) {
        const id = name.slice(0, -ENDING.length)
        if (!isDashboardId(id)) {
          damaged.push({ file: name, problem: `its name is none for a dashboard: ${ID_WANTED}` })
          continue
        }
        const found = await readOne(id, fileOf(id)).catch((error: unknown) => ({ problem: reasonOf(error) }))
        if (found === undefined) continue
        if ('problem' in found) damaged.push({ file: name, problem: found.problem })
        else {
          const { revision, dashboard } = found.stored
          dashboards.push({ id, title: dashboard.title, panels: dashboard.panels.length, revision })
        }
      }
      return { dashboards, damaged, unread: Math.max(0, names.length - MAX_FILES) }
    },

    async get(id) {
      const found = await readOne(id, fileOf(id))
      if (found === undefined) throw new KymoError('dashboard-unknown', { id })
      if ('problem' in found)
        throw new KymoError('dashboard-damaged', { file: fileOf(id), problem: found.problem })
      return found.stored
    },

    async save(id, dashboard, revision) {
      const file = fileOf(id)
      const text = dashboardText(dashboard)
      if (Buffer.byteLength(text) > MAX_FILE_BYTES)
        throw new KymoError('dashboard-invalid', { problem: `it is larger than ${MAX_FILE_BYTES} bytes` })
      return await change(async () => {
        await requireRevision(id, revision)
        await writeAside(directory, file, text)
        return { id, revision: revisionOf(Buffer.from(text)), dashboard }
      })
    },

    async delete(id, revision) {
      const file = fileOf(id)
      await change(async () => {
        await requireRevision(id, revision)
        await rm(file).catch((error: unknown) => {
          throw unwritable(file, error)
        })
      })
    },
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw unreadable(directory, error)
  }
}

/** undefined: there is no such file. Never follows a link, and never waits for a pipe. */
async function readOne(id: string, file: string): Promise<ReadFile | undefined> {
  try {
    const stats = await lstat(file)
    const { size, mtimeMs } = stats
    if (!stats.isFile()) return { revision: `other-${mtimeMs}`, problem: 'it is not a plain file' }
    if (size > MAX_FILE_BYTES)
      return { revision: `large-${size}-${mtimeMs}`, problem: `it is larger than ${MAX_FILE_BYTES} bytes` }
    const bytes = await readFile(file, { flag: constants.O_RDONLY | constants.O_NOFOLLOW })
    const revision = revisionOf(bytes)
    const read = parseDashboard(bytes.toString('utf8').replace(/^\uFEFF/, ''))
    return 'problem' in read
      ? { revision, problem: read.problem }
      : { stored: { id, revision, dashboard: read.dashboard } }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unreadable(file, error)
  }
}

/** Whoever reads meanwhile, and whatever is left after a power cut, is the old file or the new one. */
async function writeAside(directory: string, file: string, text: string): Promise<void> {
  const aside = path.join(directory, `.${path.basename(file)}.new`)
  try {
    await mkdir(directory, { recursive: true })
    await rm(aside, { force: true })
    const handle = await open(aside, 'wx', 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {})
    throw unwritable(file, error)
  }
}

function revisionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function unreadable(file: string, error: unknown): KymoError {
  return new KymoError('dashboards-unreadable', { path: file, reason: reasonOf(error) }, { cause: error })
}

function unwritable(file: string, error: unknown): KymoError {
  return new KymoError('dashboards-unwritable', { path: file, reason: reasonOf(error) }, { cause: error })
}
