/** The whole window takes scans: while something is dragged over it, it says what a drop will do. */
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { platform } from '../../platform'
import { screenIntake } from '../../state/screening'
import { useSession } from '../../state/session'

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

export function DropTarget() {
  const [over, setOver] = useState(false)
  const bundle = useSession((state) => state.bundles.find((each) => each.id === state.bundleId))
  useEffect(() => {
    // dragenter and dragleave come for every element crossed; the depth says when the window itself is left.
    let depth = 0
    const enter = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth++
      setOver(true)
    }
    const over = (event: DragEvent): void => {
      if (carriesFiles(event)) event.preventDefault()
    }
    const leave = (event: DragEvent): void => {
      if (carriesFiles(event) && --depth <= 0) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer || !carriesFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      void screenIntake(platform.fromDrop(event.dataTransfer))
    }
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragenter', enter)
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [])
  if (!over) return null
  return (
    <div className="pointer-events-none fixed inset-3 z-50 flex flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-ground/85">
      <Download size={40} className="text-accent" aria-hidden />
      <p className="text-lg font-semibold">Drop to screen{bundle ? ` with ${bundle.name}` : ''}</p>
    </div>
  )
}
