import { describe, expect, test } from 'vitest'
import { sumDrops, watchKernelDrops } from './kernel-drops.ts'

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 2919: 00000000:C66C 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 34760 2 0000000035cd5b9c 7
 9991: 0100007F:E20C 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 34759 2 000000002ce04309 494
10000: 0100007F:E20C 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 34761 2 000000002ce04310 6
`

describe('the drops of a table', () => {
  test.each([
    [['34759'], 494],
    [['34759', '34761'], 500],
    [['1'], 0],
    [[], 0],
    [['inode'], 0],
  ])('of the sockets %j are %i', (inodes, drops) => {
    expect(sumDrops(TABLE, new Set(inodes))).toBe(drops)
  })

  test.each(['', '\n', 'rubbish', ' 1: x\n', 'a b c d e f g h i 34759 k l -'])('%j holds none', (table) => {
    expect(sumDrops(table, new Set(['34759']))).toBe(0)
  })
})

test('what is no socket is not watched', async () => {
  expect(await watchKernelDrops([])).toBeUndefined()
  expect(await watchKernelDrops([1_000_000])).toBeUndefined()
})
