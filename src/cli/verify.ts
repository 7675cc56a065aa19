import { loadConfig } from '../config/load.ts'
import { type Damage, type StoreReport, verifyStore } from '../store/index.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { dataArgument } from './data-argument.ts'
import { printWarnings } from './print-error.ts'
import { createStyle } from './style.ts'

/** Damage was found, and is still there. */
const EXIT_DAMAGED = 6

/**
 * Reads every byte of the points that are kept, and says what is damaged: `kymo verify [DIR] [--repair] [--json]`. Kymo must not
 * be running on them.
 */
export function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const { config, flags, warnings } = loadConfig({
    command: 'verify',
    argv: dataArgument(argv, cwd),
    env,
    cwd,
  })
  printWarnings(warnings, { stderr, env })
  const style = createStyle(stdout, env)
  const report = verifyStore({ path: config.store.path, repairs: flags.given.has('repair') })
  const damages = [...report.files, ...report.tiers.flatMap(({ files }) => files)].flatMap(
    (file) => file.damages,
  )
  if (flags.given.has('json')) stdout.write(`${JSON.stringify({ ...report, damages }, null, 2)}\n`)
  else {
    for (const damage of damages) stdout.write(`${style.red('damaged')}: ${renderDamage(damage)}\n`)
    for (const path of report.quarantined)
      stdout.write(`${style.yellow('put aside')}: ${escapeForTerminal(path)}\n`)
    const verdict = damages.length === 0 ? style.green('ok') : style.red(`${damages.length} damaged places`)
    stdout.write(`${verdict}: ${renderContents(report)}\n`)
    if (damages.length > 0 && report.quarantined.length === 0)
      stdout.write(
        'What can be read is served. `kymo verify --repair` puts damaged files aside and keeps the rest.\n',
      )
  }
  return Promise.resolve(damages.length > 0 && !flags.given.has('repair') ? EXIT_DAMAGED : 0)
}

function renderDamage({ path, offsetBytes, lengthBytes, what }: Damage): string {
  return `${escapeForTerminal(path)}, ${lengthBytes} bytes at ${offsetBytes}: ${what}`
}

function renderContents({ files, tiers, seriesCount, pointCount, bytes }: StoreReport): string {
  const inTiers = tiers.reduce((sum, tier) => sum + tier.slotCount, 0)
  const tierBytes = tiers.reduce((sum, tier) => sum + tier.bytes, 0)
  const fileCount = tiers.reduce((sum, tier) => sum + tier.files.length, files.length)
  const older = inTiers === 0 ? '' : `; ${inTiers} slots in ${tierBytes} bytes of tiers`
  const perPoint = pointCount === 0 ? '' : `, ${(bytes / pointCount).toFixed(2)} bytes a point`
  return `${fileCount} ${fileCount === 1 ? 'file' : 'files'}, ${seriesCount} series, ${pointCount} points in ${bytes} bytes${perPoint}${older}`
}
