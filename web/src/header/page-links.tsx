import { linkTo, type PageName, type Route } from '../route.ts'

const LINKS: readonly { readonly page: PageName; readonly label: string }[] = [
  { page: 'home', label: 'Metrics' },
  { page: 'explore', label: 'Explore' },
  { page: 'boards', label: 'Dashboards' },
  { page: 'incoming', label: 'Incoming' },
  { page: 'size', label: 'Size' },
  { page: 'status', label: 'Status' },
]

export function PageLinks({ route }: { readonly route: Route }) {
  return (
    <nav className="page-links" aria-label="Pages">
      {LINKS.map(({ page, label }) => (
        <a
          key={page}
          className="page-link"
          href={linkTo(route, { page })}
          {...((page === route.page || (page === 'home' && route.page === 'dashboard')) && {
            'aria-current': 'page' as const,
          })}
        >
          {label}
        </a>
      ))}
    </nav>
  )
}
