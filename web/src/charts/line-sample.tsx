/** A piece of a series' line, as legends and tables show it. */
export function LineSample(props: {
  readonly color: string
  readonly isDashed: boolean
  readonly className: string
}) {
  const { color, isDashed, className } = props
  return (
    <svg viewBox="0 0 14 8" className={className} aria-hidden="true">
      <path d="M0 4h14" stroke={color} strokeWidth="2.5" {...(isDashed && { strokeDasharray: '4 2' })} />
    </svg>
  )
}
