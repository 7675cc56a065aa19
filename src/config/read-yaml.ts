import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { reasonOf } from '../telemetry/errors.ts'
import { emptyTree, type Layer, pathId } from './layer.ts'
import { formatPath, type Path, type Problem, quote } from './problem.ts'
import type { Source } from './source.ts'

export interface YamlResult {
  readonly layer: Layer
  readonly problems: readonly Problem[]
}

/** Far more than a configuration needs. */
const MOST_VALUES = 20_000
const MOST_LEVELS = 32

/**
 * Reads YAML 1.2 with the place of every key and value. `fileName` is how places name the file; of more than `mostValues`, with
 * what aliases expand to, nothing is read. Never throws: what cannot be read is a problem. A file that is not YAML says nothing, so that no other problem follows from it.
 *
 * The tree is built here and not by the library because of what hostile files do: repeated keys are found in one pass
 * (the library compares all pairs), aliases cannot multiply without bound, and `__proto__` is a key.
 */
export function readYaml(text: string, fileName: string, mostValues = MOST_VALUES): YamlResult {
  const lines = new LineCounter()
  const sourceAt = (offset: number): Source => {
    const { line, col } = lines.linePos(offset)
    return { kind: 'file', file: fileName, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problemAt = (offset: number, key: string, sentence: string): Problem => ({
    source: sourceAt(offset),
    key,
    text: sentence,
  })

  const parsed = parse(text, lines)
  if ('reason' in parsed) return broken([problemAt(0, '', `cannot be read as YAML: ${parsed.reason}`)])
  const flaws = [...parsed.errors, ...parsed.warnings]
  if (flaws.length > 0) {
    return broken(
      flaws.map((flaw) => problemAt(flaw.pos[0], '', `is not valid YAML: ${firstLine(flaw.message)}`)),
    )
  }

  const reader = new TreeReader(sourceAt, problemAt, mostValues)
  const input = reader.read(parsed.contents)
  if (reader.problems.length > 0) return broken(reader.problems)
  return { layer: { input, values: reader.values, keys: reader.keys }, problems: [] }
}

function parse(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
      schema: 'core',
      resolveKnownTags: false,
      logLevel: 'error',
    })
  } catch (error) {
    // The library's parser is recursive: thousands of brackets exhaust the stack.
    return { reason: firstLine(reasonOf(error)) }
  }
}

function broken(problems: readonly Problem[]): YamlResult {
  return { layer: { input: undefined, values: new Map() }, problems }
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 200)
}

/** Walks a parsed document once. Stops adding problems when the file turns out too large or too deep. */
class TreeReader {
  readonly values = new Map<string, Source>()
  readonly keys = new Map<string, Source>()
  readonly problems: Problem[] = []
  readonly #sourceAt: (offset: number) => Source
  readonly #problemAt: (offset: number, key: string, sentence: string) => Problem
  readonly #mostValues: number
  readonly #anchors = new Map<string, unknown>()
  #valueCount = 0
  #isOver = false

  constructor(
    sourceAt: (offset: number) => Source,
    problemAt: (offset: number, key: string, sentence: string) => Problem,
    mostValues: number,
  ) {
    this.#sourceAt = sourceAt
    this.#problemAt = problemAt
    this.#mostValues = mostValues
  }

  read(contents: unknown): unknown {
    return contents === null ? undefined : this.#value(contents, [], 0)
  }

  #value(node: unknown, path: Path, fallbackOffset: number): unknown {
    const offset = offsetOf(node) ?? fallbackOffset
    if (this.#isOver || !this.#isAllowed(path, offset)) return undefined
    this.values.set(pathId(path), this.#sourceAt(offset))

    if (isAlias(node)) {
      if (this.#anchors.has(node.source)) return this.#value(this.#anchors.get(node.source), path, offset)
      this.#refuse(offset, path, `refers to ${quote(node.source)}, which nothing before it is named`)
      return undefined
    }
    const anchor = (node as { readonly anchor?: string } | null)?.anchor
    if (anchor !== undefined) this.#anchors.set(anchor, node)

    if (isMap(node)) return this.#section(node.items, path, offset)
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, index], offset))
    return isScalar(node) ? node.value : null
  }

  #section(pairs: readonly { readonly key: unknown; readonly value: unknown }[], path: Path, offset: number) {
    const section = emptyTree()
    for (const { key, value } of pairs) {
      const keyOffset = offsetOf(key) ?? offset
      const name = isScalar(key) ? key.value : undefined
      if (typeof name !== 'string') {
        this.#refuse(keyOffset, path, 'has a key that is not text')
        continue
      }
      const here = [...path, name]
      if (Object.hasOwn(section, name)) {
        this.#refuse(keyOffset, here, 'is given twice')
        continue
      }
      this.keys.set(pathId(here), this.#sourceAt(keyOffset))
      section[name] = this.#value(value, here, keyOffset)
    }
    return section
  }

  #isAllowed(path: Path, offset: number): boolean {
    this.#valueCount++
    if (path.length > MOST_LEVELS) this.#stop(offset, `is more than ${MOST_LEVELS} levels deep`)
    else if (this.#valueCount > this.#mostValues)
      this.#stop(offset, `comes to more than ${this.#mostValues} values`)
    return !this.#isOver
  }

  #stop(offset: number, sentence: string): void {
    this.#isOver = true
    this.problems.push(this.#problemAt(offset, '', sentence))
  }

  #refuse(offset: number, path: Path, sentence: string): void {
    if (!this.#isOver) this.problems.push(this.#problemAt(offset, formatPath(path), sentence))
  }
}

function offsetOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly [number, number, number] | null } | null)?.range?.[0]
}
