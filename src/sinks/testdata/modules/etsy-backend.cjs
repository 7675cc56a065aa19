// A backend as they are written for etsy/statsd: writes down what it is given, as lines of JSON, and spoils it.
const { appendFileSync } = require('fs')
const util = require('util')

exports.init = function (startupTime, config, events, logger) {
  let flushes = 0
  const write = function (event, given) {
    appendFileSync(config.file, JSON.stringify([event, given]) + '\n')
  }
  if (config.isWrong) return false
  write('init', { startupTime: startupTime, config: config, isArray: util.isArray([]) })
  logger.log('it begins', 'LOG_ERR')
  events.on('flush', function (time, metrics) {
    if (metrics.gauges.fail) throw new Error('it fails')
    const sets = {}
    for (const name in metrics.sets) {
      const one = metrics.sets[name]
      sets[name] = { size: one.size(), values: one.values(), hasA: one.has('a') }
    }
    flushes += 1
    write('flush', { time: time, metrics: Object.assign({}, metrics, { sets: sets }) })
    metrics.counters = null
    metrics.pctThreshold.push(1)
  })
  events.on('packet', function (message, sender) {
    write('packet', { text: message.toString(), isBuffer: Buffer.isBuffer(message), sender: sender })
  })
  events.on('status', function (tell) {
    tell(null, 'etsy-like', 'flushes', flushes)
    tell(new Error('no'), 'etsy-like', 'wrong', 1)
  })
  return true
}
