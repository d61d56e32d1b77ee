/** Short notes at the edge of the window: what was saved, what went wrong out of sight. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'

export interface Toast {
  id: number
  tone: 'good' | 'bad'
  text: string
  /** Error code, where there is one. */
  code?: string
}

let nextId = 1
const lifetime = { good: 5000, bad: 12_000 }

export const useToasts = create<{ toasts: Toast[] }>()(() => ({ toasts: [] }))

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }))
}

export function showToast(tone: Toast['tone'], text: string, code?: string): void {
  const id = nextId++
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-3), { id, tone, text, ...(code ? { code } : {}) }] }))
  setTimeout(() => dismissToast(id), lifetime[tone])
}

/** Of what failed at the person's wish, where no place of the page tells of it. */
export function complain(error: unknown): void {
  const { message, code } = serializeError(error)
  showToast('bad', message, code)
}
