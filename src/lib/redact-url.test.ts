import { expect, test } from 'vitest'
import { redactUrls } from './redact-url.ts'

test.each([
  ['http://user:password@host:80/path?q=a@b', 'http://(secret)@host:80/path?q=a@b'],
  ['https://token@host', 'https://(secret)@host'],
  ['nats://u:p@a:4222 nats://u:q@b', 'nats://(secret)@a:4222 nats://(secret)@b'],
  ['http://u:p@ss@host/', 'http://(secret)@host/'],
  ['HTTP://u:p@[::1]:9/x', 'HTTP://(secret)@[::1]:9/x'],
  ['http://host/path@at', 'http://host/path@at'],
  ['me@example.net', 'me@example.net'],
  ['', ''],
])('%s', (text, redacted) => {
  expect(redactUrls(text)).toBe(redacted)
})
