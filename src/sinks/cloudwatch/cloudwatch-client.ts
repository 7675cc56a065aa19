import { pipeline, Readable, Transform } from 'node:stream'
import type * as Sdk from '@aws-sdk/client-cloudwatch'
import type { CloudWatchClient, MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { CloudwatchOptions } from '../cloudwatch.ts'
import type { HttpAnswer, HttpRequest } from '../delivery/http-client.ts'
import { loadPeer } from '../bus/load-peer.ts'

const PACKAGE = '@aws-sdk/client-cloudwatch'

/** A request that the SDK writes: stands for the body of it. */
export interface PendingRequest {
  readonly data: readonly MetricDatum[]
  readonly bytes: number
}

/**
 * The SDK of AWS in the place of an HttpClient: it finds credentials, signs and sends. Bodies are handles, of which `pending` knows what is to be
 * in them. It tries once: whether and when again is for the runner to say.
 */
export class CloudwatchSdk {
  readonly pending = new WeakMap<Uint8Array, PendingRequest>()
  readonly #options: CloudwatchOptions
  readonly #name: string
  #loading: Promise<typeof Sdk> | undefined
  #client: CloudWatchClient | undefined

  constructor(options: CloudwatchOptions, name: string) {
    this.#options = options
    this.#name = name
  }

  async send({ body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted()
    const { data = [], bytes = 0 } = this.pending.get(body) ?? {}
    const sdk = await this.#load()
    signal.throwIfAborted()
    this.#client ??= this.#connect(sdk)
    const { namespace: Namespace } = this.#options
    const command = new sdk.PutMetricDataCommand({ Namespace, MetricData: [...data] })
    try {
      await this.#client.send(command, { abortSignal: signal })
      return { ...NOTHING_SAID, status: 200, sentBytes: bytes }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      return { ...toAnswer(error), sentBytes: bytes }
    }
  }

  close(): void {
    this.#client?.destroy()
    this.#client = undefined
  }

  async #load(): Promise<typeof Sdk> {
    // A package that was missing may have been installed meanwhile.
    this.#loading ??= loadPeer(this.#name, PACKAGE, () => import('@aws-sdk/client-cloudwatch')).catch(
      (error: unknown) => {
        this.#loading = undefined
        throw error
      },
    )
    return await this.#loading
  }

  #connect({ CloudWatchClient: Client }: typeof Sdk): CloudWatchClient {
    const { region, url, profile, compression, concurrency, request_timeout: requestTimeout } = this.#options
    const {
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
      session_token: sessionToken,
    } = this.#options
    const client = new Client({
      maxAttempts: 1,
      requestHandler: {
        requestTimeout,
        throwOnRequestTimeout: true,
        connectionTimeout: requestTimeout,
        httpAgent: { maxSockets: concurrency },
        httpsAgent: { maxSockets: concurrency },
      },
      disableRequestCompression: compression === 'none',
      ...(region === undefined ? {} : { region }),
      ...(url === undefined ? {} : { endpoint: url }),
      ...(profile === undefined ? {} : { profile }),
      ...(accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : {
            credentials: {
              accessKeyId,
              secretAccessKey,
              ...(sessionToken === undefined ? {} : { sessionToken }),
            },
          }),
    })
    client.middlewareStack.add(
      (next) => async (request) => {
        const result = await next(request)
        limitAnswer(result.response as { body?: unknown })
        return result
      },
      // The one before it reads the answer.
      { step: 'deserialize', priority: 'low' },
    )
    return client
  }
}

/** The SDK would read an answer of any length. */
function limitAnswer(response: { body?: unknown }): void {
  const { body } = response
  if (!(body instanceof Readable)) return
  let bytes = 0
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(
        bytes > MOST_ANSWER_BYTES ? new Error(`its answer is longer than ${MOST_ANSWER_BYTES} bytes`) : null,
        chunk,
      )
    },
  })
  // What goes wrong is told to whoever reads.
  pipeline(body, limited, () => {})
  response.body = limited
}

const MOST_ANSWER_BYTES = 64 * 1024

const NOTHING_SAID = { statusText: '', headers: {}, body: new Uint8Array(), text: '' }

/** What the SDK throws of an answer, as that answer. Whatever else it throws means that there was none. */
function toAnswer(error: unknown): Omit<HttpAnswer, 'sentBytes'> {
  const {
    name = '',
    message = '',
    $metadata,
    $response,
  } = error as {
    readonly name?: string
    readonly message?: string
    readonly $metadata?: { readonly httpStatusCode?: number }
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
  }
  const answered = $metadata?.httpStatusCode
  if (name === 'CredentialsProviderError')
    return { ...NOTHING_SAID, status: 403, shownStatus: name, text: message }
  if (answered === undefined) throw error
  // CloudWatch says 400 to what is not the request's fault, too.
  const status = BUSY.test(name) ? 429 : DENIED.test(name) ? 403 : answered
  return {
    ...NOTHING_SAID,
    status,
    shownStatus: `HTTP ${answered} ${name}`,
    text: message,
    headers: $response?.headers ?? {},
  }
}

const BUSY =
  /^(Throttl|RequestThrottled|RequestLimitExceeded|TooManyRequests|LimitExceeded|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceeded|RequestTimeout)/
const DENIED =
  /^(UnrecognizedClient|InvalidClientTokenId|IncompleteSignature|InvalidSignature|SignatureDoesNotMatch|MissingAuthenticationToken|AccessDenied|NotAuthorized|OptInRequired|ExpiredToken|RequestExpired|RequestTimeTooSkewed|AuthFailure|AccessKey)/
