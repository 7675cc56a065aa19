import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from './harness/kymo.ts'

// What Prometheus sees of a whole Kymo, without Prometheus.
afterAll(cleanUp)

test('a gauge that nobody sends any more is exposed until its ttl is over, and kept', async () => {
  const directory = temporaryDirectory()
  writeFileSync(
    join(directory, 'mapping.yml'),
    'mappings: [{match: "room.*", name: room, labels: {of: $1}, ttl: 3s}]\n',
  )
  const config = join(directory, 'kymo.yaml')
  writeFileSync(config, 'sinks: [{type: prometheus, mapping_config: mapping.yml}]\n')
  const kymo = await KymoProcess.start({ args: [config], cwd: directory })
  const exposed = async (): Promise<string> => (await fetch(kymo.url('/prometheus'))).text()

  await kymo.udp('room.old:20|g\nroom.new:21|g\nother:1|g')
  await until('all are exposed', async () => /room\{of="old"\} 20/.test(await exposed()))
  await until('one is forgotten', async () => {
    await kymo.udp('room.new:22|g')
    const text = await exposed()
    return text.includes('room{of="new"} 22') && !text.includes('old')
  })
  expect(await exposed()).toContain('other 1')
  const before = (await kymo.values('stats.gauges.room.old')).length
  await until('it is still flushed', async () => (await kymo.values('stats.gauges.room.old')).length > before)
  await kymo.udp('room.old:+1|g')
  await until('it is exposed again', async () => /room\{of="old"\} 21/.test(await exposed()))
})
