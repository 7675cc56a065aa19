/**
 * Every error a person can meet. A code is part of Kymo's contract: it never changes its meaning and is never used
 * again. docs/reference/errors.md is generated from this table.
 *
 * `text` says what happened and where; `help` says what to do. `{holes}` are filled from the error's details.
 */
export interface ErrorEntry {
  readonly text: string
  readonly help: string
  /** Exit code, where the error ends the process. */
  readonly exitCode?: number
  /** HTTP status, where a request meets it. */
  readonly httpStatus?: number
  /** Trying again later can help. */
  readonly isRetryable?: true
}

export const ERROR_CATALOG = {
  usage: {
    text: 'The command line cannot be read: {problem}.',
    help: 'Run `kymo --help` for the commands and flags.',
    exitCode: 64,
  },
  'config-invalid': {
    text: 'The configuration has {count} problem(s):\n{problems}',
    help: 'Correct them and try with `kymo check-config`. Every option is described in docs/reference/config.md.',
    exitCode: 78,
    httpStatus: 422,
  },
  'config-unreadable': {
    text: 'The configuration file "{path}" cannot be read: {reason}.',
    help: 'Check the path and its permissions, or start without a file to use the defaults.',
    exitCode: 78,
    httpStatus: 422,
  },
  'rules-invalid': {
    text: 'The rules of how series are kept have {count} problem(s):\n{problems}',
    help: 'Correct them. They are those of carbon: see storage-schemas.conf and storage-aggregation.conf in docs/guide/moving-over.md.',
    exitCode: 78,
    httpStatus: 422,
  },
  'rules-unreadable': {
    text: 'The file of rules "{path}" cannot be read: {reason}.',
    help: 'Check the path and its permissions.',
    exitCode: 78,
    httpStatus: 422,
  },
  'mapping-invalid': {
    text: 'The mapping for Prometheus has {count} problem(s):\n{problems}',
    help: 'Correct them. It is a mapping file of statsd_exporter: see docs/guide/prometheus.md.',
    exitCode: 78,
    httpStatus: 422,
  },
  'mapping-unreadable': {
    text: 'The mapping file "{path}" cannot be read: {reason}.',
    help: 'Check the path and its permissions.',
    exitCode: 78,
    httpStatus: 422,
  },
  'reload-exhausted': {
    text: 'The sinks cannot be changed any more: since the start there have been more of them than have a place among own metrics.',
    help: 'Start Kymo again. Nothing has changed until then.',
    httpStatus: 422,
  },
  'http-open-without-credentials': {
    text: 'HTTP would listen on {host}, where other machines can reach it, and no credentials are set.',
    help: 'Leave out --http-listen to serve this machine only, or add --insecure-open if the network in front of it is trusted.',
    exitCode: 78,
    httpStatus: 422,
  },
  'node-too-old': {
    text: 'Kymo needs Node 24 or newer; this is Node {version}.',
    help: 'Install a current Node from nodejs.org or your package manager.',
    exitCode: 78,
  },
  'receiver-unavailable': {
    text: 'Datagrams cannot be received by recvmmsg: {reason}.',
    help: 'Leave out --receiver, or give --receiver dgram: Kymo then receives as Node does everywhere.',
    exitCode: 78,
  },
  'address-in-use': {
    text: 'Cannot listen on {transport} {host}:{port} for {name}: another program has it.',
    help: 'Stop that program, or choose another with {flag}.',
    exitCode: 4,
  },
  'address-denied': {
    text: 'Cannot listen on {transport} {host}:{port} for {name}: this user may not.',
    help: 'Choose a port of 1024 or more with {flag}, or give the program the right to use this one.',
    exitCode: 4,
  },
  'address-unavailable': {
    text: 'Cannot listen on {transport} {host}:{port} for {name}: {reason}.',
    help: 'Give an address that this machine has, or a path where a socket can be made.',
    exitCode: 4,
  },
  'data-unopenable': {
    text: 'The data directory "{path}" cannot be opened: {reason}.',
    help: 'Check that it is a directory that this user may read and write, or choose another with --data.',
    exitCode: 1,
  },
  'data-uninitialisable': {
    text: 'The data directory "{path}" cannot be set up: {reason}.',
    help: 'Check the parent directory and its permissions, or choose another place with --data.',
    exitCode: 2,
  },
  'data-version': {
    text: 'The data in "{path}" is of format {found}; this Kymo reads format {known}.',
    help: 'Start the version of Kymo that wrote it, or choose another directory with --data.',
    exitCode: 2,
  },
  'data-in-use': {
    text: 'The data directory "{path}" is in use by another Kymo{holder}.',
    help: 'Stop that one first, or choose another directory with --data.',
    exitCode: 5,
  },
  'data-corrupt': {
    text: 'The file "{path}" is damaged at byte {offset}: {reason}.',
    help: 'Restore it from a backup, or move it aside to start without what it holds.',
    exitCode: 6,
  },
  'disk-full': {
    text: 'The disk that holds "{path}" is full.',
    help: 'Free some space and start again.',
    exitCode: 7,
    httpStatus: 507,
  },
  'disk-reserved': {
    text: 'The disk that holds "{path}" has {free} left, and Kymo leaves {reserved} free.',
    help: 'Free some space: Kymo goes on by itself. Or set store.reserved_space to less, or store.retention shorter.',
    exitCode: 7,
    httpStatus: 507,
  },
  'store-write-failed': {
    text: 'Writing to "{path}" failed: {reason}.',
    help: 'Check the disk. Points of this interval are kept in memory and written with the next one.',
    isRetryable: true,
    httpStatus: 503,
  },
  'sink-unreachable': {
    text: 'The sink "{name}" cannot be reached at {address}: {reason}.',
    help: 'Check host and port. Batches wait in a queue of bounded size and are sent when it answers.',
    isRetryable: true,
  },
  'sink-hung': {
    text: 'The sink "{name}" has not finished a batch within {seconds} s.',
    help: 'Look at what it writes to. The batch is tried again when the sink has let go of it.',
    isRetryable: true,
  },
  'sink-refused': {
    text: 'The sink "{name}" does not take a batch: {reason}.',
    help: 'The batch is dropped and counted; later ones are tried. Correct the cause, or remove the sink.',
  },
  'sink-unfit': {
    text: 'The sink "{name}" cannot send a point: {reason}.',
    help: 'Nothing was sent of it, as the protocol has no way to say it. Rename it, or leave it out by the filters of the sink.',
  },
  'module-unloadable': {
    text: 'The module "{module}" of the sink "{name}" cannot be loaded: {reason}.',
    help: 'Check its path, which begins where the configuration file is, and what it exports: docs/guide/your-own-sink.md. It is tried again; batches wait.',
    isRetryable: true,
  },
  'module-ended': {
    text: 'The thread of the module of the sink "{name}" has ended: {reason}.',
    help: 'Correct the module. Its thread is started again, later each time, and its batches wait.',
    isRetryable: true,
  },
  'module-failed': {
    text: 'The module of the sink "{name}" failed: {reason}.',
    help: 'Correct the module, or what it writes to. The batch is tried again.',
    isRetryable: true,
  },
  'package-missing': {
    text: 'The sink "{name}" needs the package {package}, which is not there: {reason}.',
    help: 'Install it where Kymo is installed, in the same way: npm install {package}. Batches wait; start Kymo again when it is there.',
    isRetryable: true,
  },
  'sink-file': {
    text: 'The sink "{name}" cannot write to "{path}": {reason}.',
    help: 'Check the path, its permissions and the space on the disk. Batches wait and are written when it can.',
    isRetryable: true,
  },
  'sink-busy': {
    text: 'The sink "{name}" is asked by {address} to wait: {reason}.',
    help: 'Nothing needs to be done if it is over soon: batches wait and are sent again. If it lasts, raise the limit there or send less often (flush_every).',
    isRetryable: true,
  },
  'sink-denied': {
    text: 'The sink "{name}" is not let in at {address}: {reason}.',
    help: 'Check the address, and its key, token or password. Batches wait in a queue of bounded size and are sent when it is let in.',
    isRetryable: true,
  },
  'kymo-unreachable': {
    text: 'Kymo at {url} does not answer: {reason}.',
    help: 'Start it, or say where it is with --url. A move that was begun goes on with --resume.',
    exitCode: 69,
  },
  'kymo-refused': {
    text: 'Kymo at {url} refuses: {reason}.',
    help: 'Correct the cause. A move that was begun goes on with --resume.',
    exitCode: 69,
  },
  'source-unreadable': {
    text: '"{path}" cannot be read: {reason}.',
    help: 'Check the path and its permissions.',
    exitCode: 66,
  },
  'import-unfinished': {
    text: 'An import from "{source}" was begun and not finished; "{path}" says how far it came.',
    help: 'Go on with --resume, or remove that file to begin anew.',
    exitCode: 64,
  },
  'import-unverified': {
    text: 'Of {checked} points that were read back, {wrong} are not what was sent; the first is of "{key}" at {time}.',
    help: 'Look whether something else writes these series meanwhile. Otherwise please report it.',
    exitCode: 65,
  },
  'file-unwritable': {
    text: '"{path}" cannot be written: {reason}.',
    help: 'Check the path, its permissions and the disk. The journal of an import is kept elsewhere with --journal.',
    exitCode: 73,
  },
  'export-exists': {
    text: '"{path}" is there already, and nothing is written over.',
    help: 'Name a directory that is empty or not there yet.',
    exitCode: 73,
  },
  'worker-died': {
    text: 'The {name} thread ended: {reason}.',
    help: 'It has been started again. If this repeats, please report it with the log.',
  },
  'request-invalid': {
    text: '{problem}',
    help: 'See docs/reference/api.md for the parameters of this route.',
    httpStatus: 400,
  },
  'lines-refused': {
    text: 'Refused {count} of the lines in the body: {problems}.',
    help: 'The other lines were taken in. docs/formats says how each format is written, and docs/reference/own-metrics.md where refused lines are counted.',
    httpStatus: 400,
  },
  'format-unknown': {
    text: 'Parameter `format`: "{format}" is not supported here; known formats are {known}.',
    help: 'Ask for one of the known formats.',
    httpStatus: 400,
  },
  'time-invalid': {
    text: 'Parameter `{parameter}`: "{value}" is not a time: {reason}.',
    help: 'Times are epoch seconds, or like -1h, now, yesterday, 20260131, 04:00_20260131.',
    httpStatus: 400,
  },
  'range-empty': {
    text: 'Invalid empty time range: `from` and `until` are the same moment.',
    help: 'Let `until` be later than `from`.',
    httpStatus: 400,
  },
  'target-invalid': {
    text: 'Parameter `target`: {reason} at position {position} of "{target}".',
    help: 'A target is a metric path such as stats.counters.*.rate, or a function of such: sumSeries(stats.counters.*.rate).',
    httpStatus: 400,
  },
  'function-unknown': {
    text: 'Parameter `target`: the function "{name}" at position {position} is not known{suggestion}.',
    help: 'docs/reference/functions.md lists the functions; so does /functions. Upper and lower case are not the same.',
    httpStatus: 400,
  },
  'argument-invalid': {
    text: 'Parameter `target`: {function}, at position {position}: {reason}.',
    help: 'docs/reference/functions.md says what each function takes; so does /functions/<name>.',
    httpStatus: 400,
  },
  'query-too-large': {
    text: 'The query has more {what} than {limit}.',
    help: 'Ask for a shorter time range or fewer series, or nest fewer functions.',
    httpStatus: 422,
  },
  'too-many-results': {
    text: 'The pattern "{pattern}" matches more than {limit} names.',
    help: 'Ask for a narrower pattern.',
    httpStatus: 422,
  },
  'regex-invalid': {
    text: 'The regular expression "{pattern}" cannot be used: {problem}.',
    help: 'Regular expressions are of the RE2 kind, which take linear time: without looking ahead or behind, and without back references.',
    httpStatus: 400,
  },
  'too-many-series': {
    text: 'The request matches more than {limit} series.',
    help: 'Ask for narrower patterns, or for fewer targets at once.',
    httpStatus: 422,
  },
  'answer-too-large': {
    text: 'The answer would be larger than {limit} bytes.',
    help: 'Ask for fewer series or events, a shorter time range, or less with maxDataPoints or limit.',
    httpStatus: 422,
  },
  'too-many-points': {
    text: 'The request asks for {points} points; the limit is {limit}.',
    help: 'Ask for a shorter time range or fewer series.',
    httpStatus: 422,
  },
  'query-too-long': {
    text: 'The query was ended after {seconds} s.',
    help: 'Ask for a shorter time range, fewer series, or a narrower pattern.',
    httpStatus: 503,
  },
  'backup-refused': {
    text: 'There can be no backup in "{path}": {reason}.',
    help: 'Name a directory that is empty or not there yet, outside the data, that Kymo may write to. Beside the data it takes no space.',
    exitCode: 73,
    httpStatus: 422,
  },
  'restore-refused': {
    text: 'Nothing was restored to "{path}": {reason}.',
    help: 'Name a backup that is whole, and a data directory that is empty or not there yet.',
    exitCode: 73,
  },
  'event-unknown': {
    text: 'There is no event "{id}".',
    help: 'Events go when their retention ends; /events lists the newest. Ids are whole numbers.',
    httpStatus: 404,
  },
  'exposition-unknown': {
    text: 'There is no sink "{name}" that Prometheus could scrape.',
    help: 'Configure one: `sinks: [{type: prometheus}]`. With several, ?sink= says which, by name.',
    httpStatus: 404,
  },
  'dashboard-unknown': {
    text: 'There is no dashboard "{id}".',
    help: '/api/dashboards lists those that there are. It may have been deleted, or its file renamed.',
    httpStatus: 404,
  },
  'dashboard-id-invalid': {
    text: 'A dashboard cannot be called "{id}".',
    help: 'Its id is the name of its file: {wanted}.',
    httpStatus: 400,
  },
  'dashboard-invalid': {
    text: 'This is no dashboard that can be taken: {problem}.',
    help: 'docs/guide/dashboards.md describes the format, and what is taken from Grafana and Graphite.',
    httpStatus: 400,
  },
  'dashboard-damaged': {
    text: 'The dashboard in "{file}" cannot be read: {problem}.',
    help: 'Correct the file, or take an older one of it from git or a backup. The other dashboards are not touched.',
    httpStatus: 422,
  },
  'dashboard-changed': {
    text: 'The dashboard "{id}" is not as it was when you opened it: somebody else has changed it, or made one of this name.',
    help: 'Open it again and make your change there, or save yours under another name.',
    httpStatus: 409,
  },
  'dashboards-unreadable': {
    text: 'Dashboards cannot be read from "{path}": {reason}.',
    help: 'Check the permissions of the directory; `dashboards.path` says which it is.',
    httpStatus: 503,
  },
  'dashboards-unwritable': {
    text: 'The dashboard cannot be written to "{path}": {reason}.',
    help: 'Check the permissions of the directory and the space on its disk; `dashboards.path` says which it is.',
    httpStatus: 503,
  },
  'route-unknown': {
    text: 'There is nothing at {method} {path}.',
    help: 'The routes are listed in /api/openapi.json.',
    httpStatus: 404,
  },
  'method-not-allowed': {
    text: '{method} is not allowed on {path}.',
    help: 'Use {allowed}.',
    httpStatus: 405,
  },
  'host-refused': {
    text: 'The Host header "{host}" is not a name of this server.',
    help: 'Use the address that Kymo printed at start, or list the name under http.allowed_hosts.',
    httpStatus: 403,
  },
  'origin-refused': {
    text: 'A page of "{origin}" may not do this.',
    help: 'Changes are taken from pages of this server only.',
    httpStatus: 403,
  },
  'scope-missing': {
    text: 'This route needs the right "{scope}".',
    help: 'Ask from this machine, or start Kymo with credentials that include it.',
    httpStatus: 403,
  },
  'body-too-large': {
    text: 'The body of the request is larger than {limit} bytes.',
    help: 'Send less in one request.',
    httpStatus: 413,
  },
  'body-unsupported': {
    text: 'The body of the request cannot be read: {reason}.',
    help: 'Send parameters as application/x-www-form-urlencoded or application/json, not compressed.',
    httpStatus: 415,
  },
  'header-too-large': {
    text: 'The header of the request is larger than {limit} bytes.',
    help: 'Send long parameters in the body of a POST.',
    httpStatus: 431,
  },
  'request-timeout': {
    text: 'The request did not arrive in time.',
    help: 'Send the whole request without pausing.',
    httpStatus: 408,
  },
  'server-busy': {
    text: 'Kymo has too much to do: {reason}.',
    help: 'Ask again in a moment.',
    httpStatus: 503,
    isRetryable: true,
  },
  'not-ready': {
    text: 'Kymo is not ready: {reason}.',
    help: 'Ask again in a moment.',
    httpStatus: 503,
    isRetryable: true,
  },
  'store-disabled': {
    text: 'This Kymo keeps no data (--no-store), so there is nothing to query.',
    help: 'Start it without --no-store.',
    httpStatus: 404,
  },
  internal: {
    text: 'Something inside Kymo failed: {reason}.',
    help: 'Please report it with the log.',
    httpStatus: 500,
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERROR_CATALOG
