/** A modal sheet in the middle of the window (radix Dialog). */
import { Dialog } from 'radix-ui'
import { useRef } from 'react'
import type { ReactNode } from 'react'

interface SheetProps {
  open: boolean
  title: string
  /** Absent for a sheet that has to be answered. */
  onClose?: () => void
  children: ReactNode
  /** `tall` fills the window's height and leaves scrolling to what is in it. */
  size?: 'narrow' | 'wide' | 'broad' | 'tall'
}

const sizes = {
  narrow: 'w-[32rem] max-h-[88vh] overflow-y-auto p-6',
  wide: 'w-[54rem] max-h-[88vh] overflow-y-auto p-6',
  broad: 'w-[76rem] max-h-[92vh] overflow-y-auto p-6',
  tall: 'w-[72rem] h-[86vh] flex flex-col p-5',
} as const

export function Sheet({ open, title, onClose, children, size = 'narrow' }: SheetProps) {
  /** What had the focus before, and gets it back: radix knows only the button of a sheet that has one. */
  const before = useRef<Element | null>(null)
  const hold = (event: Event): void => {
    if (!onClose) event.preventDefault()
  }
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose?.()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/70" />
        <Dialog.Content
          aria-describedby={undefined}
          onEscapeKeyDown={hold}
          onInteractOutside={hold}
          onOpenAutoFocus={() => (before.current = document.activeElement)}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (before.current instanceof HTMLElement) before.current.focus()
          }}
          className={`fixed top-1/2 left-1/2 z-50 -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line-strong bg-panel shadow-2xl shadow-black ${sizes[size]} max-w-[94vw]`}
        >
          <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
