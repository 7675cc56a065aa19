import { atMost } from '../criterion.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'
import { grantedBufferBytes } from '../udp-sockets.ts'

const RATE_SHARE = 0.8

/**
 * One line per datagram, which is what most clients send: reading the datagrams costs the most, so it is held against a program
 * that does nothing else. The floor's rate is what it receives of a sender that does not hold back.
 */
export const oneLine: Row = {
  name: 'one-line',
  about:
    '1 line per datagram, 10,000 names, against the floor; unthrottled, and at 0.8 times the rate of the floor',
  async run(bench) {
    const payload = bench.payload({ kind: 'mixed', names: 10_000, linesPerDatagram: 1 })
    await using floor = await bench.floor()
    await using kymo = await bench.kymo()
    await bench.warmUp([floor, kymo], payload)
    const rounds = new Rounds()
    await bench.rounds(async () => {
      const floorFull = await bench.load(floor, payload)
      const kymoFull = await bench.load(kymo, payload)
      const rate = floorFull.receivedPerSecond * RATE_SHARE
      const floorHeld = await bench.load(floor, payload, rate)
      const kymoHeld = await bench.load(kymo, payload, rate)
      rounds.add({
        floorCpuNsPerDatagram: floorFull.cpuNsPerDatagram,
        floorReceivedPerSecond: floorFull.receivedPerSecond,
        floorLostShare: floorFull.lostShare,
        cpuNsPerDatagram: kymoFull.cpuNsPerDatagram,
        receivedPerSecond: kymoFull.receivedPerSecond,
        lostShare: kymoFull.lostShare,
        linesPerCpuSecond: kymoFull.linesPerCpuSecond,
        timesTheFloor: kymoFull.cpuNsPerDatagram / floorFull.cpuNsPerDatagram,
        heldRatePerSecond: rate,
        floorCpuNsPerDatagramHeld: floorHeld.cpuNsPerDatagram,
        floorLostShareHeld: floorHeld.lostShare,
        cpuNsPerDatagramHeld: kymoHeld.cpuNsPerDatagram,
        lostShareHeld: kymoHeld.lostShare,
        timesTheFloorHeld: kymoHeld.cpuNsPerDatagram / floorHeld.cpuNsPerDatagram,
        unaccountedDatagrams: kymoFull.unaccountedDatagrams ?? NaN,
        flushesInLoad: kymoFull.flushes ?? 0,
      })
    })
    return {
      figures: {
        ...rounds.spreads(),
        bytesPerLine: payload.bytesPerLine,
        floorBufferBytes: grantedBufferBytes(floor.port) ?? 'unknown',
        bufferBytes: grantedBufferBytes(kymo.port) ?? 'unknown',
      },
      criteria: [
        atMost(1.4, 'CPU per datagram, times the floor, unthrottled', rounds.median('timesTheFloor')),
        atMost(
          1.4,
          'CPU per datagram, times the floor, at 0.8 of its rate',
          rounds.median('timesTheFloorHeld'),
        ),
        atMost(0.0001, 'share lost at 0.8 of the rate of the floor', rounds.median('lostShareHeld')),
        atMost(
          0,
          'datagrams sent, less those received and those dropped by the kernel, unthrottled',
          rounds.median('unaccountedDatagrams'),
        ),
      ],
    }
  },
}
