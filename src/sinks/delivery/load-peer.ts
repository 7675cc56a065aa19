import { KymoError, reasonOf } from '../../telemetry/errors.ts'

/**
 * Loads a package that only some sinks need, and that whoever wants one installs beside Kymo. Throws the KymoError `package-missing` where it is
 * not there.
 */
export async function loadPeer<Module>(
  sink: string,
  packageName: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new KymoError(
      'package-missing',
      { name: sink, package: packageName, reason: reasonOf(cause) },
      { cause },
    )
  }
}
