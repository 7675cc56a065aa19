/**
 * Node's `http`, as it is without an `import`: that reads every export there is, and one of them loads a whole HTTP client that
 * nothing here uses (25 ms and 12 MB).
 */
export const nodeHttp = process.getBuiltinModule('node:http')
