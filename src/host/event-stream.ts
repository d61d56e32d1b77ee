/**
 * Engine events to browsers as server-sent events (HTML standard, section 9.2).
 */
import type { ServerResponse } from 'node:http'
import type { EngineClient } from '../shared/contract'
import { securityHeaders } from '../shared/content-security'

const heartbeatMilliseconds = 15_000
/** A page that does not read what it is sent is cut off; it reconnects and asks for the state. */
const backlogLimit = 16 * 2 ** 20

export function streamEvents(response: ServerResponse, client: Pick<EngineClient, 'subscribe'>): void {
  response.writeHead(200, { ...securityHeaders, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  response.write(': connected\n\n')
  const stop = client.subscribe((event) => {
    if (response.writableLength > backlogLimit) response.destroy()
    else response.write(`data: ${JSON.stringify(event)}\n\n`)
  })
  const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMilliseconds)
  response.on('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}
