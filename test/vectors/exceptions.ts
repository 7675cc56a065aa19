export interface Exception {
  readonly because: string
  readonly ids: readonly string[]
}

/**
 * Vectors that Kymo decides otherwise, by peer and id, under the reason. docs/reference/compatibility.md shows the same
 * list, and a test compares the two.
 */
export const EXCEPTIONS: Readonly<Record<string, readonly Exception[]>> = {
  etsy: [
    {
      because: 'Numbers are finite decimals.',
      ids: ['is_valid_packet/0x10|c', 'is_valid_packet/Infinity|g', 'graphite/derived/hex'],
    },
    {
      because:
        'A sample rate is above 0 and at most 1, and the rate that is checked is the rate that is used.',
      ids: ['graphite/derived/rate>1', 'graphite/derived/rate sci notation bug'],
    },
    {
      because: 'Tags are sorted, so that one series has one key.',
      ids: ['graphite/graphite-tags/foo+bar;tag1=val1;tag3=val3;tag2=val2'],
    },
    {
      because: 'A tag without a value has the value `true`: Graphite has no tags without one.',
      ids: ['graphite/derived/tag without value'],
    },
    {
      because: 'A field behind the tags is no part of the last one.',
      ids: ['graphite/derived/container id corrupts the tag'],
    },
    {
      because: 'A line is accepted whole or rejected whole: what is left of it is not counted.',
      ids: ['graphite/derived/set with colon'],
    },
    {
      because: 'A CR belongs to the end of the line, and not to the type.',
      ids: ['graphite/derived/crlf set', 'graphite/derived/crlf negative timer'],
    },
    { because: 'A metric has a name.', ids: ['graphite/derived/empty key'] },
  ],
  gostatsd: [
    { because: 'A line without a single value says nothing.', ids: ['lexer/metric/51', 'lexer/metric/58'] },
    {
      because: 'CR LF ends a line as LF does, and blanks at its end mean nothing.',
      ids: ['derived/crlf', 'derived/trailing-space'],
    },
    { because: 'Distributions are timers, meters are counters.', ids: ['derived/type-d', 'derived/type-m'] },
    { because: 'Numbers are finite.', ids: ['derived/inf'] },
    {
      because: "A sign on a gauge is relative, as in etsy's statsd, unless the profile is `dogstatsd`.",
      ids: ['derived/relative-gauge'],
    },
    { because: 'Service checks are taken in.', ids: ['derived/service-check'] },
    { because: 'Every packed value of a timer counts as one.', ids: ['datagram/131', 'datagram/132'] },
    {
      because: 'The sender of a metric is not kept, and `host` is a tag like any other.',
      ids: ['datagram/125'],
    },
    {
      because:
        'A tag without a value has the value `true`, of two tags with one key the last wins, and a key may have dots in it.',
      ids: [
        'tags_to_map/missing keys are handled',
        'tags_to_map/conflicting keys are handled',
        'tags_to_map/multiple unknown sources',
        'tags_to_map/conflicts are sorted 1',
        'tags_to_map/conflicts are sorted 2',
        'tags_to_map/dots are removed from keys',
      ],
    },
  ],
  'datadog-agent': [
    { because: 'Numbers are finite.', ids: ['float/NaN'] },
    {
      because: 'The times of counters and gauges are always used; there is no setting to pass them over.',
      ids: ['metric/metric:1234|g|#onetag|T1657100430'],
    },
    {
      because:
        'A time stands with counters and gauges only, as the protocol says. The agent takes the line, and drops it later.',
      ids: ['packet/s timed'],
    },
    {
      because:
        'Dropping, renaming and tagging metrics is not a matter of their format; it is set apart from it.',
      ids: [
        'enrich/custom.metric.a:21|ms',
        'packet/extra tags',
        'mapping/packet',
        'mapping/packet|#some:tag',
        'mapping/packet|#some:tag,more:tags',
      ],
    },
  ],
  'statsd-exporter': [
    {
      because: 'Tags in several forms are merged.',
      ids: [
        'TestHandlePacket/librato/dogstatsd mixed tag styles without sampling',
        'TestHandlePacket/signalfx/dogstatsd mixed tag styles without sampling',
        'TestHandlePacket/influxdb/dogstatsd mixed tag styles without sampling',
      ],
    },
    {
      because: 'A tag without a value has the value `true`.',
      ids: [
        'TestLineToEvents/datadog tag extension with valueless tags (edge case)',
        'TestDisableParsingInfluxdbLineToEvents/datadog tag extension with valueless tags (edge case)',
        'TestDisableParsingSignalfxLineToEvents/datadog tag extension with valueless tags: ignored',
        'TestDisableParsingSignalfxLineToEvents/datadog tag extension with valueless tags (edge case)',
        'TestDisableParsingLibratoLineToEvents/datadog tag extension with valueless tags (edge case)',
      ],
    },
    {
      because:
        'What stands in a name between marks is tags only if there is a `=` in it: `cpu[0]` is a name.',
      ids: [
        'TestLineToEvents/SignalFx tag extension, non-kv tags',
        'TestDisableParsingDogstatsdLineToEvents/SignalFx tag extension, non-kv tags',
        'TestDisableParsingInfluxdbLineToEvents/SignalFx tag extension, non-kv tags',
        'TestDisableParsingSignalfxLineToEvents/SignalFx tag extension, non-kv tags',
      ],
    },
    {
      because:
        'The container a line came from does not become a tag: a metric would be as many series as it has containers.',
      ids: [
        'TestLineToEvents/dogstatsd container ID with tags',
        'TestLineToEvents/dogstatsd container ID with gauge',
        'TestLineToEvents/dogstatsd container ID with histogram',
        'TestLineToEvents/dogstatsd container ID with complex value',
        'TestLineToEvents/dogstatsd container ID with sampling',
        'TestLineToEvents/dogstatsd container ID with sampling and histogram',
      ],
    },
    {
      because: 'A sample rate or a time that is none rejects the line, as in the Datadog agent.',
      ids: [
        'TestLineToEvents/illegal sampling factor',
        'TestHandlePacket/zero sampling factor',
        'TestLineToEvents/dogstatsd v1.3 timestamp non-numeric is dropped',
        'TestLineToEvents/dogstatsd v1.3 timestamp empty value is dropped',
      ],
    },
    {
      because: 'Bytes that are no UTF-8 become U+FFFD in tags.',
      ids: [
        'TestHandlePacket/datadog tag extension with invalid utf8 tag values',
        'TestHandlePacket/datadog tag extension with both valid and invalid utf8 tag values',
      ],
    },
    {
      because: 'An empty field means nothing, as in gostatsd and the Datadog agent.',
      ids: ['TestHandlePacket/empty component'],
    },
  ],
}
