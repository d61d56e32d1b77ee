import { describe, expect, it } from 'vitest'
import { createByteStore } from '../../src/engine/store'

const entry = (size: number) => ({ bytes: new Uint8Array(size), mediaType: 'application/octet-stream' })

describe('the byte store', () => {
  it('gives back what was put in', () => {
    const store = createByteStore()
    const kept = { ...entry(3), fileName: 'a.png' }
    expect(store.get(store.put(kept))).toEqual(kept)
  })

  it('pushes out the least recently used when it is over its budget', () => {
    const store = createByteStore(100)
    const [a, b] = [store.put(entry(40)), store.put(entry(40))]
    store.get(a)
    const c = store.put(entry(40))
    expect(() => store.get(b)).toThrow(expect.objectContaining({ code: 'result-not-found' }) as Error)
    expect(store.get(a).bytes).toHaveLength(40)
    expect(store.get(c).bytes).toHaveLength(40)
  })

  it('keeps the newest even when it alone is over the budget', () => {
    const store = createByteStore(10)
    expect(store.get(store.put(entry(1000))).bytes).toHaveLength(1000)
  })
})
