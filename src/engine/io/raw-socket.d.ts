/** What src/engine/io/raw-ip.ts uses of the npm package raw-socket 1.8 (which has no types). */
declare module 'raw-socket' {
  /** The native half; its calls are synchronous and throw an Error whose message is strerror(3) in English. */
  export type SocketWrap = {
    /** Reads one packet into `buffer`; throws "Resource temporarily unavailable" when there is none. */
    recv(buffer: Uint8Array, done: (buffer: Uint8Array, bytes: number, source: string) => void): void
    /** sendto(2), before it returns. */
    send(buffer: Uint8Array, offset: number, length: number, address: string, done: (bytes: number) => void): void
    setOption(level: number, option: number, value: number): void
    setOption(level: number, option: number, value: Uint8Array, length: number): void
    on(event: 'recvReady', listener: () => void): void
    removeAllListeners(event: 'recvReady'): void
    emit(event: 'error', error: Error): void
  }
  export type Socket = {
    readonly wrap: SocketWrap
    /** The watcher failed; the socket closes itself after this event. The message is libuv's (negative) number. */
    on(event: 'error', listener: (error: Error) => void): void
    close(): void
  }
  export function createSocket(options: { readonly protocol: number; readonly bufferSize: number }): Socket
}
