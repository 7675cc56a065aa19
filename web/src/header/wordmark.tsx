/** The trace that a kymograph's pen leaves, and the name. */
export function Wordmark() {
  return (
    <h1 className="wordmark">
      <svg className="wordmark-sign" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="currentColor" />
        <path
          d="M4 18h6l3-10 5 17 4-12 2 5h4"
          className="wordmark-trace"
          fill="none"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      Kymo
    </h1>
  )
}
