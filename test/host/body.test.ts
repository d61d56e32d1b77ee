/** What is said of a body that is too large, with a limit that no test could fill. */
import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { checkLength } from '../../src/host/body'

it('a limit is said in a unit that people read', () => {
  const sent = { headers: { 'content-length': '5000000000' } } as IncomingMessage
  expect(() => checkLength(sent, 2 ** 30)).toThrow('What was sent is larger than the 1024 MiB that are accepted.')
  expect(() => checkLength(sent, 1000)).toThrow('larger than the 1000 bytes')
  expect(() => checkLength(sent, 2 ** 33)).not.toThrow()
})
