import { expect, test } from 'vitest'
import { isLoopback } from './loopback.ts'

test.each([
  '127.0.0.1',
  '127.255.0.9',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '0::1',
  '::1%lo',
  '::ffff:127.0.0.1',
  '::FFFF:127.0.0.1',
])('%s is loopback', (address) => expect(isLoopback(address)).toBe(true))

test.each([
  '',
  'localhost',
  '0.0.0.0',
  '::',
  '128.0.0.1',
  '10.127.0.1',
  '::2',
  '::11',
  '::1:1',
  ':::1',
  '0::0::1',
  '1::1',
  'fe80::1',
  '::ffff:128.0.0.1',
  '::ffff:8.8.8.8',
  '127.0.0.1.example.com',
  '127.1',
  '2130706433',
  '0x7f000001',
])('%s is not', (address) => expect(isLoopback(address)).toBe(false))
