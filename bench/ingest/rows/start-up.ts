import { freePort } from '../../../test/harness/free-port.ts'
import { startChild } from '../child.ts'
import type { Bench } from '../bench.ts'
import { atMost } from '../criterion.ts'
import { etsyCommand, whyNoEtsy } from '../etsy.ts'
import { firstPacketMs } from '../first-packet.ts'
import { Kymo, NO_STORE, SOURCE_COMMAND } from '../kymo-process.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'
import { WrongAnswer } from '../wrong-answer.ts'

const STARTS_PER_ROUND = 3

/** How long nothing is received when Kymo is started again. */
export const startUp: Row = {
  name: 'start-up',
  about: 'from exec to the first accepted packet: built, from source, and etsy/statsd',
  async run(bench) {
    const rounds = new Rounds()
    // Whatever is read or compiled once is not measured.
    await kymoStart(bench, bench.command)
    await kymoStart(bench, SOURCE_COMMAND)
    await bench.rounds(async () => {
      for (let start = 0; start < STARTS_PER_ROUND; start++) {
        const built = await kymoStart(bench, bench.command)
        const source = await kymoStart(bench, SOURCE_COMMAND)
        rounds.add({ builtMs: built.firstPacketMs, builtReadyMs: built.readyMs })
        rounds.add({ sourceMs: source.firstPacketMs, sourceReadyMs: source.readyMs })
        if (whyNoEtsy() === undefined) rounds.add({ etsyMs: await etsyStart(bench) })
      }
    })
    return {
      figures: rounds.spreads(),
      criteria: [
        atMost(150, 'built: ms from exec to the first accepted packet', rounds.median('builtMs')),
        atMost(700, 'from source: ms from exec to the first accepted packet', rounds.median('sourceMs')),
      ],
    }
  },
}

async function kymoStart(bench: Bench, command: string): Promise<{ firstPacketMs: number; readyMs: number }> {
  const port = await freePort()
  const startMs = performance.now()
  const starting = Kymo.start({ command, directory: bench.place(), args: NO_STORE, statsdPort: port })
  const [elapsedMs, readyMs] = await Promise.all([
    firstPacketMs('kymo', port, startMs),
    starting.then(() => performance.now() - startMs),
  ])
  await using kymo = await starting
  const { acceptedLines } = await kymo.counts()
  if (acceptedLines !== 1)
    throw new WrongAnswer(`the first packet was not accepted: ${acceptedLines} lines were`)
  return { firstPacketMs: elapsedMs, readyMs }
}

async function etsyStart(bench: Bench): Promise<number> {
  const { command, args, port } = await etsyCommand(bench.place())
  const startMs = performance.now()
  const child = startChild(command, args)
  const elapsedMs = await firstPacketMs('etsy/statsd', port, startMs)
  await child.stop('SIGKILL')
  return elapsedMs
}
