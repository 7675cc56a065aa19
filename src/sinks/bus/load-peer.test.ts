import { expect, test } from 'vitest'
import { KymoError } from '../../telemetry/errors.ts'
import { loadPeer } from './load-peer.ts'

test('a package that is there is loaded', async () => {
  expect(await loadPeer('mine', 'zod', () => import('zod'))).toHaveProperty('object')
})

test('one that is not is named, and may be there later', async () => {
  const name = '@kymo/not-installed'
  const error = await loadPeer('mine', name, () => import(/* @vite-ignore */ name)).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(KymoError)
  expect(error).toMatchObject({
    code: 'package-missing',
    isRetryable: true,
    details: { name: 'mine', package: name },
  })
})

test('one that fails while it is loaded says why', async () => {
  const load = () => Promise.reject(new Error('broken\nat a line'))
  await expect(loadPeer('mine', 'any', load)).rejects.toThrow('which is not there: broken.')
})
