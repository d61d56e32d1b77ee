/**
 * Two ends of a real message channel as the contract's ports, so that what crosses is cloned or transferred as in
 * production.
 */
import { MessageChannel } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { Port } from '../../src/shared/rpc'

const asPort = (port: MessagePort): Port => ({
  post: (message, transfer = []) => port.postMessage(message, transfer),
  onMessage: (listener) => port.on('message', listener),
  onClose: (listener) => port.once('close', listener),
})

export interface Ports {
  near: Port
  far: Port
  close(): void
}

export function portPair(): Ports {
  const { port1, port2 } = new MessageChannel()
  return { near: asPort(port1), far: asPort(port2), close: () => port1.close() }
}
