/** A place of an API at a server, which may itself be behind a path: `https://example.net/influx` and `/write`. */
export function endpointOf(
  baseUrl: string,
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
): URL {
  const url = new URL(baseUrl)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value)
  return url
}
