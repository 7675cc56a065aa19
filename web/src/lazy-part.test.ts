import { expect, test } from 'vitest'
import { loadPatiently } from './lazy-part.ts'

/** `answers`: whether Kymo is there when it is asked; `fails`: how often the part cannot be loaded. */
async function load(fails: number, answers: boolean[]): Promise<{ part: string; reloads: number }> {
  let reloads = 0
  let left = fails
  const part = await loadPatiently(
    () => (left-- > 0 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve('a page')),
    {
      clock: {
        after: (_delayMs, action) => {
          action()
          return () => {}
        },
      },
      isKymoThere: () => Promise.resolve(answers.shift() ?? true),
      reload: () => reloads++,
    },
  )
  return { part, reloads }
}

test.each([
  ['at once', 0, [], 0],
  ['after Kymo was away', 3, [false, false, false], 0],
  ['when it has just come back', 2, [false, true], 0],
  ['by a new page, where it cannot be had of a Kymo that answers', 3, [false, true, true], 1],
])('a part is loaded %s', async (_when, fails, answers, reloads) => {
  expect(await load(fails, [...answers])).toEqual({ part: 'a page', reloads })
})
