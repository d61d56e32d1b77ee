/** A modal sheet in the middle of the window (radix Dialog). */
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'

interface SheetProps {
  open: boolean
  title: string
  /** Absent for a sheet that has to be answered. */
  onClose?: () => void
  children: ReactNode
  wide?: boolean
}

export function Sheet({ open, title, onClose, children, wide = false }: SheetProps) {
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
          className={`fixed top-1/2 left-1/2 z-50 max-h-[88vh] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-xl border border-line-strong bg-panel p-6 shadow-2xl shadow-black ${wide ? 'w-[46rem]' : 'w-[32rem]'} max-w-[92vw]`}
        >
          <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
