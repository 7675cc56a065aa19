/** Where a value came from. */
export type Source =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string }

/** `kymo.yaml:3:9`, `KYMO_HTTP_PORT`, `--http-port` or `default`. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${source.file}:${source.line}:${source.column}`
    case 'environment':
      return source.variable
    case 'flag':
      return source.flag
  }
}
