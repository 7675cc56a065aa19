// kill -9 at a moment of nobody's choosing, then another start, again and again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Random } from '../../../../test/harness/random.ts'
import { verifyStore } from '../care/verify-store.ts'
import { openEmbeddedStore } from '../open-embedded-store.ts'
import { operationsOf } from './history.ts'
import type { LifePlan, Stage } from './live-until-killed.ts'
import { StoreModel } from './store-model.ts'
import { toldPacker } from './told-packer.ts'

const STAGES: readonly Stage[] = ['writing', 'sealing', 'merging', 'folding', 'recovering']

export interface CrashReport {
  readonly rounds: number
  /** What the process was doing when it was killed. */
  readonly interrupted: Readonly<Record<Stage, number>>
  readonly safeSteps: number
  /** Slots of series, held or empty, that were compared with the model, to the bit. */
  readonly checkedCells: number
  /** What was lost, changed, made up or damaged, in words. */
  readonly complaints: readonly string[]
  readonly seconds: number
}

/** Rounds on one data directory; then another is begun, so that a round stays quick. */
const ROUNDS_PER_STORE = 10
/** A life is no longer, whatever it waits for. */
const MOST_STEPS = 40
/** A child that says nothing for so long hangs. */
const SILENCE_MS = 20_000

export interface CrashPlan {
  readonly rounds: number
  readonly seed: number
  /** Called after each round, with how many there were. */
  readonly onRound?: (rounds: number) => void
}

export async function runCrashRounds({ rounds, seed, onRound }: CrashPlan): Promise<CrashReport> {
  const startedMs = performance.now()
  const totals: Totals = {
    rounds: 0,
    interrupted: { writing: 0, sealing: 0, merging: 0, folding: 0, recovering: 0 },
    safeSteps: 0,
    checkedCells: 0,
    complaints: [],
    seconds: 0,
  }
  let store = 0
  let begunRounds = 0
  const lane = async (): Promise<void> => {
    while (begunRounds < rounds) {
      const count = Math.min(ROUNDS_PER_STORE, rounds - begunRounds)
      begunRounds += count
      await crashOneStore(seed * 10_000 + store++, count, { totals, onRound })
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, lane))
  totals.seconds = (performance.now() - startedMs) / 1_000
  return totals
}

export function renderCrashReport({ rounds, interrupted, safeSteps, checkedCells, complaints, seconds }: CrashReport): string {
  const count = (value: number): string => value.toLocaleString('en-US')
  return [
    'crash report',
    `  killed with kill -9      ${count(rounds)} times`,
    ...STAGES.map((stage) => `    while ${stage.padEnd(19)}${count(interrupted[stage])}`),
    `  synced steps             ${count(safeSteps)}`,
    `  slots compared           ${count(checkedCells)}`,
    `  lost, changed, damaged   ${count(complaints.length)}`,
    ...complaints.slice(0, 20).map((complaint) => `    ${complaint}`),
    `  seconds                  ${seconds.toFixed(1)}`,
    '',
  ].join('\n')
}

interface Totals extends CrashReport {
  rounds: number
  readonly interrupted: Record<Stage, number>
  safeSteps: number
  checkedCells: number
  readonly complaints: string[]
  seconds: number
}

async function crashOneStore(
  seed: number,
  rounds: number,
  { totals, onRound }: { totals: Totals; onRound: CrashPlan['onRound'] },
): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'kymo-crash-'))
  const random = new Random(seed)
  const model = new StoreModel()
  let step = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const life = await liveUntilKilled(planLife(random, { path, seed, firstStep: step }))
      totals.rounds += 1
      totals.interrupted[life.stage] += 1
      for (; step <= life.lastSafeStep; step++) {
        for (const operation of operationsOf(seed, step)) model.attempted(step, operation)
        model.acknowledged()
        totals.safeSteps += 1
      }
      // The one that was under way when the process ended.
      if (life.isOpened) {
        for (const operation of operationsOf(seed, step)) model.attempted(step, operation)
        step += 1
      }
      onRound?.(totals.rounds)
      for (const complaint of await look(path, model)) totals.complaints.push(`seed ${seed}, round ${round}: ${complaint}`)
    }
  } finally {
    totals.checkedCells += model.checkedCells
    rmSync(path, { recursive: true, force: true })
  }
}

/** What is wrong with the store that the killed process left. Opened without help, and whole afterwards. */
async function look(path: string, model: StoreModel): Promise<string[]> {
  const store = await openEmbeddedStore({ path, packer: toldPacker('here', () => {}) })
  const complaints = await model.settle(store.engine)
  await store.close()
  const { files } = verifyStore({ path, repairs: false })
  for (const { damages } of files)
    for (const damage of damages) complaints.push(`${damage.path} at ${damage.offsetBytes}: ${damage.what}`)
  return complaints
}

interface Death {
  readonly stage: Stage
  readonly isOpened: boolean
  /** `firstStep` - 1: none of its own. */
  readonly lastSafeStep: number
}

async function liveUntilKilled(plan: LifePlan): Promise<Death> {
  const script = join(import.meta.dirname, 'live-until-killed.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const silence = setTimeout(() => child.kill('SIGTERM'), SILENCE_MS)
  const ended = once(child, 'exit')
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  clearTimeout(silence)
  const [code, signal] = (await ended) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error(`the process ended by itself, with ${code ?? signal}`)
  return deathOf(text.split('\n').slice(0, -1), plan.firstStep)
}

/** A stage of the next life, and how far into it the end comes. */
function planLife(random: Random, beginning: Pick<LifePlan, 'path' | 'seed' | 'firstStep'>): LifePlan {
  const killedWhile = random.pick(STAGES)
  const times = { recovering: 1, writing: random.between(1, MOST_STEPS), sealing: random.between(1, 8), merging: 1, folding: 1 }
  // Of about the length of the stage itself.
  const longestMs = { recovering: 10, writing: 2, sealing: 3, merging: 3, folding: 5 }
  const packsIn = random.chance(0.3) ? 'thread' : 'here'
  return {
    ...beginning,
    packsIn,
    killedWhile,
    times: times[killedWhile],
    delayMs: random.next() * longestMs[killedWhile] * (packsIn === 'thread' ? 20 : 1),
    mostSteps: MOST_STEPS,
  }
}

function deathOf(lines: readonly string[], firstStep: number): Death {
  const isUnderWay = (stage: Stage): boolean =>
    lines.filter((line) => line === `${stage} begins`).length >
    lines.filter((line) => line === `${stage} ends`).length
  const isOpened = lines.includes('opened')
  const lastSafe = lines.findLast((line) => line.startsWith('safe '))
  const lastSafeStep = lastSafe === undefined ? firstStep - 1 : Number(lastSafe.slice('safe '.length))
  const stage = !isOpened
    ? 'recovering'
    : isUnderWay('sealing')
      ? 'sealing'
      : isUnderWay('merging')
        ? 'merging'
        : 'writing'
  return { stage, isOpened, lastSafeStep }
}
