/** What a server of gRPC is asked for: one message, answered by one message. Streams are none of it. */
export interface GrpcMethod {
  /** `/package.Service/Method` */
  readonly path: string
  /** Throws a KymoError. */
  handle(request: GrpcRequest): Promise<Uint8Array>
}

export interface GrpcRequest {
  readonly message: Uint8Array
  /** How the message is compressed: `gzip`; undefined: it is not. */
  readonly coding: string | undefined
  /** The address of who sent it. */
  readonly sender: string
}
