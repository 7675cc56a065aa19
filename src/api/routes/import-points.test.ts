import { afterEach, beforeEach, expect, test } from 'vitest'
import { MOST_POINT_BYTES, POINT_COLUMNS_TYPE } from '../../formats/point-columns/point-columns.ts'
import { FakeServices } from '../testdata/fake-services.ts'
import { buildTestApp, type TestApp } from '../testdata/test-app.ts'

let services: FakeServices
let app: TestApp

beforeEach(async () => {
  services = new FakeServices()
  app = await buildTestApp(services)
})

afterEach(() => app.close())

async function post(query: string, payload?: Uint8Array, type = POINT_COLUMNS_TYPE) {
  const headers = { host: 'kymo.test', ...(payload === undefined ? {} : { 'content-type': type }) }
  const body = payload === undefined ? {} : { payload: Buffer.from(payload) }
  const response = await app.inject({ method: 'POST', url: `/api/import/points${query}`, headers, ...body })
  return { status: response.statusCode, body: JSON.parse(response.body) as { code?: string } }
}

test('bytes arrive as they were sent, and what became of them is answered', async () => {
  const bytes = Uint8Array.from({ length: 2_000_000 }, (_, index) => index % 251)
  const { status, body } = await post('', bytes)
  expect({ status, body }).toEqual({ status: 200, body: { stored: 3, outside: 2, over_limit: 1 } })
  expect(services.imports).toHaveLength(1)
  expect(services.imports[0]?.isDurable).toBe(false)
  expect(Buffer.compare(services.imports[0]?.columns ?? new Uint8Array(), bytes)).toBe(0)
})

test('without a body it is a wait for what came before', async () => {
  expect((await post('?durable=1')).status).toBe(200)
  expect(services.imports).toEqual([{ columns: new Uint8Array(), isDurable: true }])
})

test.each([
  ['another type', 415, 'body-unsupported', () => post('', Buffer.from('{}'), 'application/json')],
  [
    'a form',
    415,
    'body-unsupported',
    () => post('', Buffer.from('a=b'), 'application/x-www-form-urlencoded'),
  ],
  ['too much', 413, 'body-too-large', () => post('', new Uint8Array(MOST_POINT_BYTES + 1))],
])('%s is refused', async (_what, status, code, send) => {
  expect(await send()).toMatchObject({ status, body: { code } })
  expect(services.imports).toEqual([])
})
