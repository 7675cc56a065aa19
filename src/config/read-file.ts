import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { reasonOf } from '../telemetry/errors.ts'

/** Reads a file whole, but no more than `mostBytes` + 1 of it. Throws what the file system throws. */
export type ReadFile = (path: string, mostBytes: number) => Uint8Array

/** At the start, before anything runs: reading may block. Pipes and /dev/stdin work too. */
export const readFileFromDisk: ReadFile = (path, mostBytes) => {
  const descriptor = openSync(path, 'r')
  try {
    return readDescriptor(descriptor, mostBytes)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The same while Kymo runs, when nothing may block. What a pipe held was read at the start and is not there again: an empty
 * configuration would come out of it.
 */
export const readFileAgain: ReadFile = (path, mostBytes) => {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const status = fstatSync(descriptor)
    if (status.isFIFO() || status.isSocket())
      throw new Error('it is a pipe, which can be read only once, at the start')
    return readDescriptor(descriptor, mostBytes)
  } finally {
    closeSync(descriptor)
  }
}

function readDescriptor(descriptor: number, mostBytes: number): Uint8Array {
  const buffer = new Uint8Array(mostBytes + 1)
  let length = 0
  while (length < buffer.length) {
    const readBytes = readSync(descriptor, buffer, length, buffer.length - length, null)
    if (readBytes === 0) break
    length += readBytes
  }
  return buffer.subarray(0, length)
}

export type TextResult = { readonly text: string } | { readonly reason: string; readonly isMissing: boolean }

/** A file's text, or the short reason why there is none. */
export function readTextFile(readFile: ReadFile, path: string, mostBytes: number): TextResult {
  try {
    const bytes = readFile(path, mostBytes)
    if (bytes.length > mostBytes)
      return { reason: `it is larger than ${mostBytes / 1024} KiB`, isMissing: false }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { reason: explain(error), isMissing: codeOf(error) === 'ENOENT' }
  }
}

function explain(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it'
    case 'EISDIR':
      return 'it is a directory'
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text'
    default:
      return reasonOf(error)
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code
}
