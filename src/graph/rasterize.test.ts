import { expect, test } from 'vitest'
import { rasterize } from './rasterize.ts'

const picture = (content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">${content}</svg>`

test('what cannot be drawn is an error, and the next picture is drawn', async () => {
  // A group that is outside of the picture as a whole.
  const bad = picture(
    '<svg x="0" y="0" width="9" height="9" overflow="hidden"><path d="M5 -900h9" stroke="#f00"/></svg>',
  )
  await expect(rasterize(bad, 1)).rejects.toMatchObject({ code: 'internal' })
  await expect(rasterize('<svg', 1)).rejects.toMatchObject({ code: 'internal' })
  expect((await rasterize(picture(''), 2)).length).toBeGreaterThan(50)
})
