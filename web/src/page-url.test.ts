import { expect, test } from 'vitest'
import { readQuery, writeQuery } from './page-url.ts'

test.each([
  ['', ''],
  ['?q=a%26b+c', 'a&b c'],
  ['?q=%3Cb%3E', '<b>'],
])('what is searched for is in the address: %s', (search, query) => {
  expect(readQuery(search)).toBe(query)
  expect(writeQuery(query)).toBe(search)
})
