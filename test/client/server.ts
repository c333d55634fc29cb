/** A server whose answers are written as a test says, on a real socket. */
import type { AddressInfo } from 'node:net'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/**
 * @param answer writes the answer to each request
 * @returns the server's address
 */
export async function answering (
  t: { teardown: (close: () => Promise<void>) => void },
  answer: (raw: ServerResponse, request: IncomingMessage) => void
): Promise<string> {
  const server = createServer((request, raw) => answer(raw, request))
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(async () => new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Writes a part of the answer and, once it is on its way, ends the connection without the end of the answer. */
export function cutAfter (raw: ServerResponse, part: string | Uint8Array): void {
  raw.write(part, () => raw.socket!.destroy())
}
