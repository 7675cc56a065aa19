import { KymoError, reasonOf } from '../../telemetry/errors.ts'

/** Loads a package that only some sinks need. Rejects with the KymoError `package-missing` where it is not installed. */
export async function loadPeer<Module>(
  name: string,
  packageName: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const [reason = ''] = reasonOf(error).split('\n')
    throw new KymoError('package-missing', { name, package: packageName, reason }, { cause: error })
  }
}

/** What ends first: the work, or the signal. */
export async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Whoever lost has nobody to tell.
    work.catch(() => {})
  }
}
