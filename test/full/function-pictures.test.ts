import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawFunctionPictures } from '../../scripts/reference/function-pictures.ts'

const root = join(import.meta.dirname, '..', '..')

test('the picture of each function is what its example draws; if not, run `npm run generate`', async () => {
  const pictures = await drawFunctionPictures()
  expect(pictures.size).toBeGreaterThan(150)
  for (const [file, svg] of pictures) expect(readFileSync(join(root, file), 'utf8') === svg, file).toBe(true)
})
