import { useEffect } from 'react'
import { Notice } from './notice.tsx'
import { linkTo, type Route } from './route.ts'

/** Where a link that was cut or mistyped leads. */
export function UnknownPage({ route }: { readonly route: Route }) {
  useEffect(() => {
    document.title = 'No such page · Kymo'
  }, [])
  return (
    <Notice tone="calm" title="There is no page at this address">
      The link may have been cut, or mistyped. <a href={linkTo(route, { page: 'home' })}>All metrics</a>, or{' '}
      <kbd>Ctrl</kbd> <kbd>K</kbd> to find anything by its name.
    </Notice>
  )
}
