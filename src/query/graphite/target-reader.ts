import { KymoError } from '../../telemetry/errors.ts'
import { excerptAround } from '../../lib/excerpt.ts'

/** Walks over the text of a target: the characters and the smallest pieces of Graphite's grammar. */
export class TargetReader {
  readonly text: string
  /** Index of the next character. */
  at = 0

  constructor(text: string) {
    this.text = text
  }

  skipSpace(): void {
    while (WHITESPACE.has(this.text[this.at] ?? '')) this.at++
  }

  /** Whether the next character is this one. */
  sees(character: string): boolean {
    return this.text[this.at] === character
  }

  /** Takes the character if it comes next, perhaps after whitespace. */
  take(character: string): boolean {
    const before = this.at
    this.skipSpace()
    if (this.sees(character)) {
      this.at++
      return true
    }
    this.at = before
    return false
  }

  /** Takes what a sticky expression matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  /** What comes next, for an error message. */
  describeNext(): string {
    const next = this.text.codePointAt(this.at)
    if (next === undefined) return 'the end'
    return next < 0x20 || next === 0x7f ? 'a control character' : `"${String.fromCodePoint(next)}"`
  }

  /** Positions count from 1, as people do. */
  fail(reason: string, at: number = this.at): never {
    throw new KymoError('target-invalid', {
      reason,
      position: at + 1,
      target: excerptAround(this.text, at, 100),
    })
  }
}

const WHITESPACE = new Set([' ', '\t', '\n', '\r'])
