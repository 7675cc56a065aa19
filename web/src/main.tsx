import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import 'uplot/dist/uPlot.min.css'
import './styles/tokens.css'
import './styles/page.css'
import './styles/header.css'
import './styles/loss.css'
import './styles/over-limit.css'
import './styles/first-steps.css'
import './styles/snippets.css'
import './styles/cards.css'
import './styles/keys.css'
import { App } from './app.tsx'
import { browserClock } from './browser-clock.ts'
import { LiveFeed } from './live.ts'
import { followTheme } from './theme.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('BUG: index.html has no #root')

followTheme()

const feed = new LiveFeed({
  clock: browserClock,
  openStream: (url) => new EventSource(url),
})
feed.open()

createRoot(root).render(
  <StrictMode>
    <App feed={feed} />
  </StrictMode>,
)
