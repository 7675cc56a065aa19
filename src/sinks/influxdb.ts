import * as z from 'zod'
import { choice, integer, optionalChoice, optionalText, text } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import {
  basicAuthOptions,
  compressionOption,
  httpOptions,
  tokenOption,
  urlOption,
} from './delivery/http-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('influxdb'),
      ...deliveryOptions(),
      version: integer(
        'Which API is written to: 1 is `/write`, 2 is `/api/v2/write`, 3 is `/api/v3/write_lp`. InfluxDB 3 takes 2 as well, and so do many others 1.',
        2,
        { min: 1, max: 3 },
      ),
      url: urlOption(
        'Address of InfluxDB, with the path that it is behind if there is one.',
        'http://localhost:8086',
      ),
      database: text('Database that is written to. Versions 1 and 3.', 'kymo'),
      retention_policy: optionalText(
        'Retention policy. Version 1; not given: the default one of the database.',
      ),
      consistency: optionalChoice('How many nodes of a cluster have to take a write. Version 1.', [
        'any',
        'one',
        'quorum',
        'all',
      ]),
      org: text('Organisation that the bucket belongs to, name or ID. Version 2.', 'kymo'),
      bucket: text('Bucket that is written to, name or ID. Version 2.', 'kymo'),
      ...tokenOption(),
      ...basicAuthOptions(),
      precision: choice(
        'In what times are given. `s` cuts them to the second, of several in one InfluxDB keeps the last; the others are exact.',
        ['ms', 's', 'us', 'ns'],
        'ms',
      ),
      events_measurement: text('Measurement that events are written to.', 'events'),
      compression: compressionOption('gzip'),
      ...httpOptions(),
    })
    .meta({
      description:
        'Writes each flush to InfluxDB 1, 2 or 3, or to anything that takes its line protocol by HTTP: a point per metric, with its statistics as fields. Tried against InfluxDB 1.6, and as version 2 against VictoriaMetrics; for InfluxDB 2 and 3 it was checked that requests are as their documentation has them.',
    })

export type InfluxdbOptions = NamedOptions<typeof options>

export const influxdbSink = defineSink({
  types: ['influxdb'],
  options,
  example: { url: 'http://influx.example.net:8086', org: 'ours', bucket: 'metrics', token: 'YOUR-TOKEN' },
  async create(sink, context) {
    const { createInfluxdbSink } = await import('./influxdb/influxdb-sink.ts')
    return createInfluxdbSink(sink, context)
  },
})
