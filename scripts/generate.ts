// Writes the generated pages of docs/reference, and the pictures in them. With --check it writes nothing and exits with 1 if one is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { drawFunctionPictures } from './reference/function-pictures.ts'
import { REFERENCE_PAGES } from './reference/pages.ts'

const root = path.join(import.meta.dirname, '..')
const isCheck = process.argv.includes('--check')

const pages = Object.entries(REFERENCE_PAGES).map(([file, render]) => [file, render()] as const)
for (const [file, text] of [...pages, ...(await drawFunctionPictures())]) {
  const target = path.join(root, file)
  if (readIfThere(target) === text) continue
  if (isCheck) {
    console.error(`${file} is out of date. Run \`npm run generate\`.`)
    process.exitCode = 1
  } else {
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, text)
    console.log(`wrote ${file}`)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
