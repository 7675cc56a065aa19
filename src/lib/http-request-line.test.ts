import { expect, test } from 'vitest'
import { isHttpRequestLine } from './http-request-line.ts'

test.each([
  ['GET / HTTP/1.1', true],
  ['POST /x?y=z HTTP/1.1\r', true],
  ['OPTIONS * HTTP/1.0', true],
  ['health', false],
  ['GET.hits:1|c', false],
  ['api.hits:1|c|#path:GET / HTTP/1.1', false],
  ['servers.web1.load 0.5 1700000000', false],
])('%j: %s', (line, isRequest) => {
  expect(isHttpRequestLine(line)).toBe(isRequest)
})
