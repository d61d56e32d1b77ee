/** The guard by itself, for a port that a test cannot listen on. */
import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { createGuard } from '../../src/host/guard'

const asked = (headers: IncomingMessage['headers']) => ({ method: 'GET', headers }) as IncomingMessage

it('on the port of http itself, hosts are named without it, as browsers do', () => {
  const guard = createGuard('token', 80)
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.1:80']) expect(() => guard.checkOrigin(asked({ host, origin: `http://${host}` }))).not.toThrow()
  for (const host of ['evil.example', '127.0.0.1:1', '']) expect(() => guard.checkOrigin(asked({ host }))).toThrow('127.0.0.1 only')
  expect(() => createGuard('token', 8080).checkOrigin(asked({ host: '127.0.0.1' }))).toThrow('127.0.0.1 only')
})
