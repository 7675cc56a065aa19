import { atMost } from '../criterion.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'

/** Five tags more than double a line. */
export const tags: Row = {
  name: 'tags',
  about: 'DogStatsD with 5 tags against the same lines without them, 30 lines per datagram, 10,000 names',
  async run(bench) {
    const plain = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 30 })
    const tagged = bench.payload({ kind: 'tagged', names: 10_000, linesPerDatagram: 30 })
    // Each has a Kymo of its own: in one, what it knows of the other lines would be in the way of these in the processor's caches.
    await using plainKymo = await bench.kymo()
    await using taggedKymo = await bench.kymo()
    await bench.warmUp([plainKymo], plain)
    await bench.warmUp([taggedKymo], tagged)
    const shuffled = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 30, isShuffled: true })
    const shuffledTagged = bench.payload({
      kind: 'tagged',
      names: 10_000,
      linesPerDatagram: 30,
      isShuffled: true,
    })
    await using sharedKymo = await bench.kymo()
    await bench.warmUp([sharedKymo], plain)
    await bench.warmUp([sharedKymo], tagged)
    const rounds = new Rounds()
    await bench.rounds(async () => {
      const plainLoad = await bench.load(plainKymo, plain)
      const taggedLoad = await bench.load(taggedKymo, tagged)
      rounds.add({
        plainLinesPerCpuSecond: plainLoad.linesPerCpuSecond,
        taggedLinesPerCpuSecond: taggedLoad.linesPerCpuSecond,
        timesPlain: plainLoad.linesPerCpuSecond / taggedLoad.linesPerCpuSecond,
      })
      const shuffledLoad = await bench.load(plainKymo, shuffled)
      const shuffledTaggedLoad = await bench.load(taggedKymo, shuffledTagged)
      const sharedPlainLoad = await bench.load(sharedKymo, plain)
      const sharedTaggedLoad = await bench.load(sharedKymo, tagged)
      rounds.add({
        timesPlainShuffled: shuffledLoad.linesPerCpuSecond / shuffledTaggedLoad.linesPerCpuSecond,
        timesPlainInOneKymo: sharedPlainLoad.linesPerCpuSecond / sharedTaggedLoad.linesPerCpuSecond,
      })
    })
    return {
      figures: {
        ...rounds.spreads(),
        bytesPerLine: plain.bytesPerLine,
        taggedBytesPerLine: tagged.bytesPerLine,
      },
      criteria: [
        atMost(1.6, 'CPU per line, times the same without tags', rounds.median('timesPlain')),
        atMost(1.6, 'the same, both sent to one Kymo', rounds.median('timesPlainInOneKymo')),
      ],
    }
  },
}
