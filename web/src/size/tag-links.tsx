import { useEffect, useState } from 'react'
import { fetchTags } from '../api.ts'
import { linkTo, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'

const SHOWN = 24

/** The tags by which sizes can be seen instead of by name. */
export function TagLinks({ route }: { readonly route: Route }) {
  const [tags, setTags] = useState<readonly string[]>([])
  useEffect(() => {
    const controller = new AbortController()
    // Where the tags cannot be had, the names are still there.
    fetchTags(controller.signal).then(setTags, () => undefined)
    return () => controller.abort()
  }, [])
  if (tags.length === 0) return null
  const isByName = !route.prefix.startsWith(';')
  return (
    <nav className="prefixes size-tags" aria-label="Sizes by">
      <a
        className="prefix"
        href={linkTo(route, { page: 'size' })}
        {...(isByName && { 'aria-current': 'true' as const })}
      >
        by name
      </a>
      {tags.slice(0, SHOWN).map((tag) => (
        <a
          key={tag}
          className="prefix"
          href={linkTo(route, { page: 'size', prefix: `;${tag}` })}
          {...(route.prefix === `;${tag}` && { 'aria-current': 'true' as const })}
        >
          by tag <bdi>{showHidden(tag)}</bdi>
        </a>
      ))}
      {tags.length > SHOWN && <span className="more-note">and {tags.length - SHOWN} more tags</span>}
    </nav>
  )
}
