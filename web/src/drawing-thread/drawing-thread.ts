/** The thread that asks Kymo for points, reads them and draws the charts of lines, so that the page stays free for whoever looks at it. */
import './canvas-without-page.ts'
import { AnswerRounds } from './answer-rounds.ts'
import type { FromDrawingThread, ToDrawingThread } from './messages.ts'
import { Pictures } from './pictures.ts'

interface ThreadScope {
  postMessage(message: FromDrawingThread, transfer: Transferable[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent<ToDrawingThread>) => void): void
}

const scope = globalThis as unknown as ThreadScope
const pictures = new Pictures()
const rounds = new AnswerRounds({
  tell: (answers, transfer) => scope.postMessage({ answers }, transfer),
  after: (delayMs, run) => void setTimeout(run, delayMs),
})

scope.addEventListener('message', ({ data: message }) => {
  switch (message.kind) {
    case 'ask':
      return rounds.ask(message.ask)
    case 'forget':
      return rounds.forget(message.id)
    case 'canvas':
      return pictures.open(message.chart, message.canvas)
    case 'close':
      return pictures.close(message.chart)
    case 'draw':
      for (const picture of message.pictures) {
        const points = rounds.pointsOf(picture.points.id, picture.points.version)
        // Where there are others since, they are on their way to the page, and will be drawn.
        if (points !== undefined) pictures.draw(picture, points)
      }
  }
})
